#pragma once
#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "jobs/job_queue.h"
#include "server/memory_ledger.h"
#include "server/studio.h"

namespace atelier::server {

/// How many jobs run at once by `options`: as said there, or by the cores.
int places(const ServerOptions& options);

/// Threads that take jobs from a queue and carry them out, until the object is destroyed.
class Runners {
 public:
  /// Both must outlive the object.
  Runners(Studio& studio, jobs::JobQueue& queue);
  /// Ends running jobs within a step; they wait again.
  ~Runners();
  Runners(const Runners&) = delete;
  Runners& operator=(const Runners&) = delete;

 private:
  void work();
  void run(const jobs::Job& job);
  std::optional<jobs::JobEnd> run_within_memory(const jobs::Job& job);

  Studio& studio_;
  jobs::JobQueue& queue_;
  MemoryLedger memory_;
  int threads_ = 1;  // of each job
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace atelier::server
