#include "cli/painting.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <thread>

#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "core/explain.h"
#include "core/machine.h"

namespace atelier::cli {

void DetailFlags::add_to(CLI::App& app) {
  auto* quiet_flag = app.add_flag("-q,--quiet", quiet, "say nothing but errors");
  app.add_flag("--json", json, "tell what happens as JSON, one object per line on standard output")
      ->excludes(quiet_flag);
}

int paint(const Request& request, Reporter& reporter, const Painter& painter) try {
  const auto start = std::chrono::steady_clock::now();
  bool complete = true;
  reporter.start(request);
  const auto on_progress = [&](const Progress& progress) {
    reporter.progress(progress);
    complete = complete && !interrupted();
    return complete;
  };
  painter ? painter(request, on_progress) : stylize(request, on_progress);
  reporter.done(request.output, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
                complete);
  return complete ? 0 : 130;
} catch (const std::exception& fault) {
  const auto error = explained(fault, request.content);
  reporter.failed(request.content, error);
  throw error;
}

namespace {

/// Several painters tell one user.
class SharedReporter final : public Reporter {
 public:
  explicit SharedReporter(Reporter& reporter) : reporter_(reporter) {}
  /// Of what is said during the work only what stands by itself; steps of several pictures would mingle.
  void progress(const Progress& progress) override {
    if (progress.note.empty() || !progress.stage.empty()) return;
    const std::lock_guard lock(mutex_);
    reporter_.progress(progress);
  }
  void done(const std::string& path, double seconds, bool complete) override {
    const std::lock_guard lock(mutex_);
    reporter_.done(path, seconds, complete);
  }
  void failed(const std::string& photo, const Error& error) override {
    const std::lock_guard lock(mutex_);
    reporter_.failed(photo, error);
  }

 private:
  Reporter& reporter_;
  std::mutex mutex_;
};

/// What painters share.
struct Progression {
  std::atomic<std::size_t> next = 0;
  std::atomic<int> written = 0, failed = 0, skipped = 0;
  std::size_t ended() const { return static_cast<std::size_t>(written + failed + skipped); }
};

/// Paints one picture after the other until none is left, or Ctrl-C.
void paint_rest(const Plan& plan, const Batch& batch, Progression& progression, Reporter& reporter) {
  for (std::size_t i = 0; (i = progression.next++) < plan.size() && !interrupted();) {
    Request request = plan.request(i);
    std::error_code unknown;  // stylize() will say what is wrong with the name
    if (batch.skip_existing && std::filesystem::exists(request.output, unknown)) {
      ++progression.skipped;
      continue;
    }
    if (batch.at_once > 1 && !batch.painter) {
      const int threads = request.threads > 0 ? request.threads : usable_cores();
      request.threads = std::max(1, threads / batch.at_once);
    }
    try {
      if (paint(request, reporter, batch.painter) == 0) ++progression.written;
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kStopped) return;
      complain(error.what());
      ++progression.failed;
    }
  }
}

}  // namespace

int paint_all(const Plan& plan, const Batch& batch, Reporter& reporter) {
  Progression progression;
  SharedReporter shared(reporter);
  Reporter& told = batch.at_once > 1 ? shared : reporter;
  {
    std::vector<std::jthread> helpers;
    for (int i = 1; i < batch.at_once; ++i) helpers.emplace_back([&] { paint_rest(plan, batch, progression, told); });
    paint_rest(plan, batch, progression, told);
  }
  if (progression.ended() < plan.size()) throw Error("stopped; the rest was not painted", ErrorKind::kStopped);
  reporter.summary(progression.written, progression.failed, progression.skipped);
  return progression.failed == 0 ? 0 : 1;
}

}  // namespace atelier::cli
