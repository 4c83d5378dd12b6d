#include "cli/local_processes.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace atelier::cli {
namespace {

constexpr int kMicrosecondsBetweenLooks = 20'000, kLooks = 100;  // others fail within moments of each other

/// `arguments` without the options that the others are told anew.
Arguments common(const Arguments& arguments) {
  Arguments kept;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto name = arguments[i].substr(0, arguments[i].find('='));
    if (name != "--processes" && name != "--threads")
      kept.push_back(arguments[i]);
    else if (name == arguments[i])
      ++i;  // its value is the next word
  }
  return kept;
}

/// The last line, without the program's name before it.
std::string last_line(std::FILE* file) {
  std::string text;
  char buffer[4096];
  std::rewind(file);
  for (std::size_t count; (count = std::fread(buffer, 1, sizeof buffer, file)) > 0;) text.append(buffer, count);
  while (text.ends_with('\n')) text.pop_back();
  text = text.substr(text.rfind('\n') + 1);
  const std::string program = "atelier: ";
  return text.starts_with(program) ? text.substr(program.size()) : text;
}

}  // namespace

LocalProcesses::LocalProcesses(int count, int threads, const std::string& command, const Arguments& arguments)
    : children_(static_cast<std::size_t>(count - 1)) {
  std::string folder = (std::filesystem::temp_directory_path() / "atelier-train-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr)
    throw Error("cannot make a temporary folder; set TMPDIR to one that can be written", ErrorKind::kFailure);
  folder_ = folder;
  std::vector<std::string> words = {"atelier", command};
  for (const auto& word : common(arguments)) words.push_back(word);
  for (std::size_t i = 0; i < children_.size(); ++i) {
    auto own = words;
    for (const auto& word :
         {std::string("--rank"), std::to_string(i + 1), std::string("--world"), std::to_string(count),
          std::string("--meet"), role().meeting, std::string("--threads"), std::to_string(threads)})
      own.push_back(word);
    start(children_[i], own);
  }
}

void LocalProcesses::start(Child& child, const std::vector<std::string>& words) const {
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  child.said = std::tmpfile();
  const int said = child.said == nullptr ? -1 : ::fileno(child.said), nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  const pid_t parent = ::getpid();
  child.id = said < 0 || nothing < 0 ? -1 : ::fork();
  if (child.id == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(nothing, STDOUT_FILENO);
    ::dup2(said, STDERR_FILENO);
    ::execv("/proc/self/exe", arguments.data());
    ::_exit(127);
  }
  ::close(nothing);
  if (child.id < 0) throw Error("a further process cannot be started; give fewer --processes", ErrorKind::kFailure);
}

LocalProcesses::~LocalProcesses() {
  for (auto& child : children_) {
    if (child.id > 0 && !child.ended) {
      ::kill(child.id, SIGKILL);
      ::waitpid(child.id, nullptr, 0);
    }
    if (child.said != nullptr) std::fclose(child.said);
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

ProcessRole LocalProcesses::role() const {
  return {.rank = 0, .processes = static_cast<int>(children_.size()) + 1, .meeting = (folder_ / "meeting").string()};
}

bool LocalProcesses::all_ended(int flags) {
  for (auto& child : children_)
    if (!child.ended) child.ended = ::waitpid(child.id, &child.status, flags) == child.id;
  return std::all_of(children_.begin(), children_.end(), [](const Child& child) { return child.ended; });
}

void LocalProcesses::wait() {
  while (!all_ended(0)) {
  }
}

Error LocalProcesses::cause_of(const Error& error) {
  if (error.kind() != ErrorKind::kFailure) return error;
  for (int look = 0; look < kLooks && !all_ended(WNOHANG); ++look) ::usleep(kMicrosecondsBetweenLooks);
  const auto failed = [&](const Child& child, const std::string& how) {
    return Error("process " + std::to_string(&child - children_.data() + 1) + " of the training " + how,
                 ErrorKind::kFailure);
  };
  for (const auto& child : children_)
    if (child.ended && WIFSIGNALED(child.status))
      return failed(child, "was ended by signal " + std::to_string(WTERMSIG(child.status)) +
                               "; the last checkpoint is intact, continue with --resume");
  for (const auto& child : children_)
    if (const auto said = child.ended && WEXITSTATUS(child.status) != 0 ? last_line(child.said) : std::string();
        !said.empty() && said.find("another process") == std::string::npos)
      return failed(child, "has failed: " + said);
  return error;
}

}  // namespace atelier::cli
