#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "jobs/job.h"

namespace atelier::jobs {

/// Where runners get their work and leave what came of it: the one thing that differs between one machine and many.
/// Functions may be called from any thread.
class JobQueue {
 public:
  virtual ~JobQueue() = default;

  /// A job that was added to the store may be taken from now on.
  virtual void offer(const Job& job) = 0;
  /// The next job, from now on running; nothing when none came within `patience` or stop() was called.
  virtual std::optional<Job> take(std::chrono::milliseconds patience) = 0;
  /// Tells how a running job goes. @return false: stop as soon as possible, it was cancelled.
  virtual bool report(const std::string& id, const JobProgress& progress) = 0;
  /// Shows a running job's picture so far, a JPEG file's bytes.
  virtual void show(const std::string& id, std::string preview) = 0;
  /// Ends a job that take() gave. Its result is on disk already.
  virtual void finish(const std::string& id, const JobEnd& end) = 0;
  /// A job that take() gave waits again, because this runner stops; the attempt does not count.
  virtual void give_back(const std::string& id) = 0;
  /// Wakes whoever waits in take(), which gives nothing from now on.
  virtual void stop() = 0;
};

}  // namespace atelier::jobs
