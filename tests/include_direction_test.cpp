// The house rules that a compiler does not check: who may include whom, how long a file may be.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kRoot = ATELIER_SOURCE;

struct Include {
  std::string target;  // as written
  bool quoted = false;
};

struct SourceFile {
  std::string name;  // from the root, for instance "src/core/machine.h"
  std::vector<std::string> lines;
  std::vector<Include> includes;
};

SourceFile load(const fs::path& path) {
  static const std::regex kInclude(R"(^\s*#\s*include\s*([<"])([^">]+)[">].*)");
  SourceFile file{fs::relative(path, kRoot).generic_string(), {}, {}};
  std::ifstream stream(path);
  for (std::string line; std::getline(stream, line);) {
    file.lines.push_back(line);
    std::smatch match;
    if (line.find("#") != std::string::npos && std::regex_match(line, match, kInclude))
      file.includes.push_back({match[2], match[1] == "\""});
  }
  return file;
}

/// Every C++ file of the project, by name.
const std::map<std::string, SourceFile>& sources() {
  static const auto files = [] {
    std::map<std::string, SourceFile> found;
    for (const char* folder : {"include", "src", "tests", "bench", "fuzz", "examples", "tools"}) {
      if (!fs::exists(kRoot / folder)) continue;
      for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
        const auto extension = entry.path().extension();
        if (extension != ".h" && extension != ".cpp" && extension != ".def") continue;
        auto file = load(entry.path());
        found.emplace(file.name, std::move(file));
      }
    }
    return found;
  }();
  return files;
}

bool is_test(const std::string& name) { return name.ends_with("_test.cpp"); }

/// "media" for "src/media/x.h", "stylize" for "src/stylize.cpp", "" outside src/.
std::string module_of(const std::string& name) {
  if (!name.starts_with("src/")) return "";
  const auto rest = name.substr(4);
  return rest.substr(0, rest.find_first_of("/."));
}

/// What each folder of src/ may include beside itself and include/atelier.
const std::map<std::string, std::set<std::string>>& allowed() {
  static const std::map<std::string, std::set<std::string>> rules = {
      {"core", {}},
      {"media", {"core"}},
      {"weights", {"core"}},
      {"palette", {"core"}},
      {"filters", {"core", "media", "weights", "palette", "metrics"}},
      {"metrics", {"core", "palette"}},
      {"report", {"core", "media", "palette"}},
      {"inference", {"core", "weights"}},
      {"tensor", {"core", "weights"}},
      {"losses", {"core", "palette", "tensor"}},
      {"encoders", {"core", "weights", "tensor"}},
      {"networks", {"core", "weights", "tensor", "encoders"}},
      {"optimise", {"core", "weights", "tensor", "encoders", "losses"}},
      {"dataset", {"core", "media", "weights", "tensor"}},
      {"evaluation",
       {"core", "media", "weights", "palette", "metrics", "report", "tensor", "encoders", "losses", "dataset",
        "training"}},
      {"training",
       {"core", "media", "weights", "palette", "metrics", "report", "tensor", "encoders", "losses", "networks",
        "optimise", "dataset"}},
      {"methods",
       {"core", "weights", "palette", "filters", "tensor", "encoders", "losses", "networks", "optimise", "dataset",
        "training", "inference"}},
      {"stylize", {"core", "media", "weights", "tensor", "encoders", "networks", "methods", "inference"}},
      {"experiments",
       {"core", "media", "weights", "palette", "metrics", "report", "tensor", "losses", "networks", "dataset",
        "training", "methods"}},
      {"without_media", {"core", "media", "weights", "report", "cli"}},
      {"without_engine", {"core", "weights", "tensor", "encoders"}},
      {"video", {"core", "media", "weights", "inference", "stylize"}},
      {"jobs", {"core", "media"}},
      {"server", {"core", "media", "weights", "palette", "metrics", "jobs", "stylize", "video", "evaluation"}},
      {"cli",
       {"core", "media", "weights", "palette", "filters", "report", "tensor", "networks", "methods", "stylize",
        "dataset", "experiments", "training", "evaluation", "video", "jobs", "server"}},
  };
  return rules;
}

TEST(IncludeDirection, EveryFolderHasARule) {
  for (const auto& [name, file] : sources())
    EXPECT_TRUE(!name.starts_with("src/") || allowed().contains(module_of(name))) << name;
}

TEST(IncludeDirection, FoldersIncludeOnlyWhatLiesBelow) {
  for (const auto& [name, file] : sources()) {
    const auto rule = allowed().find(module_of(name));
    if (rule == allowed().end() || is_test(name)) continue;
    for (const auto& [target, quoted] : file.includes) {
      const auto folder = target.substr(0, target.find('/'));
      if (!quoted || folder == target || folder == rule->first || !allowed().contains(folder)) continue;
      EXPECT_TRUE(rule->second.contains(folder)) << name << " must not include " << target;
    }
  }
}

TEST(IncludeDirection, PublicHeadersIncludeOnlyThemselvesAndTheStandardLibrary) {
  for (const auto& [name, file] : sources()) {
    if (!name.starts_with("include/")) continue;
    for (const auto& [target, quoted] : file.includes)
      EXPECT_TRUE(quoted ? target.starts_with("atelier/") : target.find_first_of("/.") == std::string::npos)
          << name << " includes " << target;
  }
}

bool is_torch(const std::string& target) {
  return target.starts_with("torch/") || target.starts_with("ATen/") || target.starts_with("c10/");
}

/// The first header that is `wanted` and that `name` reaches through the project's own headers; empty when there is
/// none.
template <typename Wanted>
std::string reached(const std::string& name, const Wanted& wanted, std::set<std::string>& seen) {
  const auto file = sources().find(name);
  if (file == sources().end() || !seen.insert(name).second) return "";
  for (const auto& [target, quoted] : file->second.includes) {
    if (wanted(target)) return target + " (through " + name + ")";
    if (!quoted) continue;
    const auto prefix = target.starts_with("atelier/") ? "include/" : "src/";
    if (auto found = reached(prefix + target, wanted, seen); !found.empty()) return found;
  }
  return "";
}

TEST(IncludeDirection, LibTorchStaysOutOfTheFoldersThatDoWithoutIt) {
  const std::set<std::string> without = {"core",   "media",     "weights", "palette", "filters", "metrics",
                                         "report", "inference", "jobs",    "cli",     "server"};
  for (const auto& [name, file] : sources()) {
    if (!name.starts_with("include/") && !without.contains(module_of(name))) continue;
    std::set<std::string> seen;
    EXPECT_EQ(reached(name, is_torch, seen), "") << name;
  }
}

bool is_left_out_library(const std::string& target) {
  static const std::regex kLibrary("(vips/|httplib|openssl/|zlib|sqlite3|hiredis|opencv|dnnl).*");
  return std::regex_match(target, kLibrary);
}

// docs/training.md, "On a bare machine": what needs a library that such a machine lacks is left out by CMakeLists.txt,
// or has a stand-in below src/without_....
TEST(IncludeDirection, BareBuildsNeedNoFurtherLibrary) {
  const std::regex left_out(
      "src/(jobs/.*|server/.*|media/(colour_profile|picture_metadata|recipe_xmp|vips_runtime)\\.cpp|"
      "encoders/chain_plan\\.cpp|tensor/winograd_transforms\\.cpp)");
  for (const auto& [name, file] : sources()) {
    if (!name.starts_with("src/") || !name.ends_with(".cpp") || is_test(name) || std::regex_match(name, left_out))
      continue;
    const auto rest = name.substr(4);
    if (sources().contains("src/without_media/" + rest) || sources().contains("src/without_engine/" + rest)) continue;
    std::set<std::string> seen;
    EXPECT_EQ(reached(name, is_left_out_library, seen), "") << name;
  }
}

TEST(IncludeDirection, CodecsStayInMedia) {
  for (const auto& [name, file] : sources()) {
    if (module_of(name) == "media" || module_of(name) == "video" || !name.starts_with("src/") || is_test(name))
      continue;
    for (const auto& [target, quoted] : file.includes)
      EXPECT_FALSE(target.starts_with("vips/") || target.starts_with("libav")) << name << " includes " << target;
  }
}

TEST(IncludeDirection, MethodFoldersNeverIncludeEachOther) {
  for (const auto& [name, file] : sources()) {
    if (module_of(name) != "methods") continue;
    for (const auto& [target, quoted] : file.includes) {
      if (!quoted || !target.starts_with("methods/")) continue;
      const auto folder = "src/" + target.substr(0, target.rfind('/') + 1);  // with the slash
      EXPECT_TRUE(name.starts_with(folder)) << name << " reaches into " << folder << "; move what is shared upwards";
    }
  }
}

TEST(HouseRules, NoFileIsLongerThanSixHundredLines) {
  for (const auto& [name, file] : sources()) EXPECT_LE(file.lines.size(), 600U) << name;
}

TEST(HouseRules, NothingIsLeftToBeDoneLater) {
  const std::regex reminder(
      "\\b(TO"
      "DO|FIX"
      "ME|X"
      "XX)\\b");  // in pieces, or this file would match
  for (const auto& [name, file] : sources())
    for (std::size_t i = 0; i < file.lines.size(); ++i)
      EXPECT_FALSE(std::regex_search(file.lines[i], reminder)) << name << ':' << i + 1 << ": " << file.lines[i];
}

TEST(HouseRules, HeadersAreGuardedByPragmaOnce) {
  for (const auto& [name, file] : sources()) {
    if (!name.ends_with(".h")) continue;
    ASSERT_FALSE(file.lines.empty()) << name;
    EXPECT_EQ(file.lines.front(), "#pragma once") << name;
  }
}

}  // namespace
