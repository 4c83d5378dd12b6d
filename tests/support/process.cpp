#include "support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <stdexcept>

namespace atelier::testing {
namespace {

struct Pipe {
  int read_end = -1, write_end = -1;
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    read_end = ends[0];
    write_end = ends[1];
  }
};

[[noreturn]] void become(const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<char*> words = {const_cast<char*>(program.c_str())};
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  ::execv(program.c_str(), words.data());
  ::_exit(127);
}

/// Appends what is there; closes `descriptor` at its end.
void drain(int& descriptor, std::string& text) {
  char buffer[4096];
  const ssize_t count = ::read(descriptor, buffer, sizeof buffer);
  if (count > 0) {
    text.append(buffer, static_cast<std::size_t>(count));
    return;
  }
  ::close(descriptor);
  descriptor = -1;
}

}  // namespace

Process::Process(const std::string& program, const std::vector<std::string>& arguments, const std::string& folder,
                 const std::function<void()>& prepare) {
  const Pipe out;
  const Pipe err;
  child_ = ::fork();
  if (child_ == 0) {
    ::dup2(out.write_end, STDOUT_FILENO);
    ::dup2(err.write_end, STDERR_FILENO);
    if (::chdir(folder.c_str()) != 0) ::_exit(126);
    if (prepare) prepare();
    become(program, arguments);
  }
  ::close(out.write_end);
  ::close(err.write_end);
  out_ = out.read_end;
  err_ = err.read_end;
}

Process::~Process() {
  if (child_ > 0) {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  for (const int descriptor : {out_, err_})
    if (descriptor >= 0) ::close(descriptor);
}

/// Waits for output, at most `patience` ms (-1: for ever); false when there is none, or none will come.
bool Process::read_some(int patience) {
  pollfd ends[] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}};  // negative descriptors are ignored
  if (out_ < 0 && err_ < 0) return false;
  const int ready = ::poll(ends, 2, patience);
  if (ready <= 0) return ready < 0 && errno == EINTR;
  if (ends[0].revents) drain(out_, outcome_.out);
  if (ends[1].revents) drain(err_, outcome_.err);
  return true;
}

bool Process::wait_until_in(const std::string& stream, const std::string& text) {
  while (stream.find(text) == std::string::npos)
    if (!read_some(-1)) return false;
  return true;
}

bool Process::wait_for(const std::string& text) { return wait_until_in(outcome_.out, text); }

bool Process::wait_for_error(const std::string& text) { return wait_until_in(outcome_.err, text); }

void Process::read_ready() {
  while (read_some(0)) continue;
}

void Process::send(int signal) const { ::kill(child_, signal); }

void Process::close_output() {
  ::close(out_);
  out_ = -1;
}

Outcome Process::finish() {
  while (read_some(-1)) continue;
  int status = 0;
  ::waitpid(child_, &status, 0);
  child_ = -1;
  outcome_.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return outcome_;
}

}  // namespace atelier::testing
