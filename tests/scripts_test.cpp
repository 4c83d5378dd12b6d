// The scripts are the first thing a newcomer runs: they parse, explain themselves and share one package list.
#include <gtest/gtest.h>

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kRoot = ATELIER_SOURCE;
const std::vector<std::string> kCommands = {"demo", "test", "bench", "format"};

/// Exit status and everything printed.
std::pair<int, std::string> run(const std::string& command) {
  std::string output;
  FILE* pipe = popen((command + " 2>&1 </dev/null").c_str(), "r");
  if (pipe == nullptr) return {-1, ""};
  std::array<char, 4096> buffer{};
  while (const std::size_t got = fread(buffer.data(), 1, buffer.size(), pipe)) output.append(buffer.data(), got);
  const int status = pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, output};
}

std::string quoted(const fs::path& path) { return "'" + path.string() + "'"; }

TEST(Scripts, ParseAsPlainShell) {
  for (const auto& entry : fs::directory_iterator(kRoot / "scripts")) {
    if (entry.path().extension() == ".txt") continue;
    const auto [status, output] = run("sh -n " + quoted(entry.path()));
    EXPECT_EQ(status, 0) << entry.path() << ": " << output;
  }
  EXPECT_EQ(run("bash -n " + quoted(kRoot / ".ci/run")).first, 0);
}

TEST(Scripts, ExplainThemselvesAndDoNothingElse) {
  for (const auto& name : kCommands)
    for (const char* flag : {"-h", "--help"}) {
      const auto [status, output] = run(quoted(kRoot / "scripts" / name) + ' ' + flag);
      EXPECT_EQ(status, 0) << name << ": " << output;
      EXPECT_EQ(output.rfind("usage: scripts/" + name, 0), 0U) << output;
    }
}

TEST(Scripts, RefuseWhatTheyDoNotKnow) {
  for (const auto& name : kCommands) {
    const auto [status, output] = run(quoted(kRoot / "scripts" / name) + " --no-such-option");
    EXPECT_EQ(status, 2) << name << ": " << output;
    EXPECT_NE(output.find("--no-such-option"), std::string::npos) << output;
    EXPECT_NE(output.find("; "), std::string::npos) << "no advice: " << output;
  }
}

TEST(Packages, AreListedOnce) {
  std::ifstream list(kRoot / "scripts/packages.txt");
  std::set<std::string> seen;
  for (std::string line; std::getline(list, line);) {
    if (line.empty() || line[0] == '#') continue;
    EXPECT_EQ(line.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-."), std::string::npos) << line;
    EXPECT_TRUE(seen.insert(line).second) << line << " is there twice";
  }
  EXPECT_GT(seen.size(), 5U);
}

}  // namespace
