#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "jobs/redis_queue.h"

namespace atelier::server {

/// How a worker is run.
struct WorkerOptions {
  jobs::RedisAddress queue;
  /// The server's data folder on a network file system; empty: pictures and results travel through Redis. So they do
  /// when it does not hold a job's pictures.
  std::filesystem::path data;
  std::filesystem::path scratch;  ///< a folder of the worker's own
  int jobs_at_once = 0;           ///< 0: by the number of cores
  int threads = 0;                ///< for all jobs together; 0: all cores
  std::chrono::milliseconds lease{20000};
  /// Receives the log: one JSON object on a line, without newline. May be called from any thread.
  std::function<void(const std::string&)> log;
};

/// Takes jobs from Redis and carries them out as the server's own runners do, until the object is destroyed: running
/// jobs then end within a step and are hung up again.
class Worker {
 public:
  /// @throws Error when `scratch` cannot be used. A Redis that is away is waited for.
  explicit Worker(const WorkerOptions& options);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace atelier::server
