#include "cli/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

#include "core/printable.h"

namespace atelier::cli {
namespace {

/// The errno of a failure; 0 when all was written.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR) return errno;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

std::atomic<int> lost_output = 0;  // errno

bool is_terminal(int descriptor) {
  const char* kind = std::getenv("TERM");
  return ::isatty(descriptor) && kind && std::string_view(kind) != "dumb";
}

}  // namespace

void secure_streams() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit becomes an error of write()
  for (int descriptor = ::open("/dev/null", O_RDWR); descriptor >= 0; descriptor = ::dup(descriptor)) {
    if (descriptor <= STDERR_FILENO) continue;
    ::close(descriptor);
    return;
  }
}

void say(std::string_view text) {
  const int fault = write_all(STDOUT_FILENO, text);
  if (fault != 0 && fault != EPIPE) lost_output = fault;
}

std::string output_fault() { return lost_output == 0 ? "" : std::generic_category().message(lost_output); }

void tell(std::string_view text) { write_all(STDERR_FILENO, text); }

std::string shown(std::string_view text) { return one_line_utf8(text, text.size()); }

void complain(const std::string& message) { tell("atelier: " + shown(message) + "\n"); }

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text + "  ";
}

bool on_terminal() { return is_terminal(STDERR_FILENO); }

bool output_shows_colours() {
  const char* unwanted = std::getenv("NO_COLOR");
  return is_terminal(STDOUT_FILENO) && !(unwanted && *unwanted);
}

int terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace atelier::cli
