#include "cli/painting.h"

#include <chrono>

#include "cli/interrupt.h"
#include "cli/terminal.h"

namespace atelier::cli {

void DetailFlags::add_to(CLI::App& app) {
  auto* quiet_flag = app.add_flag("-q,--quiet", quiet, "say nothing but errors");
  app.add_flag("--json", json, "tell what happens as JSON, one object per line on standard output")
      ->excludes(quiet_flag);
}

int paint(const Request& request, Reporter& reporter) try {
  const auto start = std::chrono::steady_clock::now();
  bool complete = true;
  reporter.start(request);
  stylize(request, [&](const Progress& progress) {
    reporter.progress(progress);
    complete = complete && !interrupted();
    return complete;
  });
  reporter.done(request.output, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
                complete);
  return complete ? 0 : 130;
} catch (const Error& error) {
  reporter.failed(request.content, error);
  throw;
}

int paint_all(const std::vector<Request>& requests, Reporter& reporter) {
  int written = 0;
  int failed = 0;
  for (const auto& request : requests) {
    try {
      if (paint(request, reporter) != 0) throw Error("stopped; the rest was not painted", ErrorKind::kStopped);
      ++written;
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kStopped) throw;
      complain(error.what());
      ++failed;
    }
  }
  reporter.summary(written, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace atelier::cli
