#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "jobs/job_queue.h"
#include "jobs/job_store.h"

namespace atelier::jobs {

/// What is known of a running job beside its row in the store.
struct LiveJob {
  std::optional<JobProgress> progress;
  std::string preview;     ///< a JPEG file's bytes; empty: none yet
  int preview_number = 0;  ///< counts the previews of this attempt
};

/// The queue of one machine: jobs in the store, progress and previews in memory. Tells those who watch of changes.
class LocalQueue : public JobQueue {
 public:
  /// `store` must outlive the queue.
  explicit LocalQueue(JobStore& store) : store_(store) {}

  void offer(const Job& job) override;
  std::optional<Job> take(std::chrono::milliseconds patience) override;
  bool report(const std::string& id, const JobProgress& progress) override;
  void show(const std::string& id, std::string preview) override;
  void finish(const std::string& id, const JobEnd& end) override;
  void give_back(const std::string& id) override;
  void stop() override;

  /// Asks a job to stop, or takes it out of the queue; false when it is over or unknown.
  bool cancel(const std::string& id);
  /// Nothing for a job that is not running here.
  std::optional<LiveJob> live(const std::string& id) const;
  /// Grows with every change of any job.
  std::uint64_t changes() const;
  /// Waits until changes() is no longer `seen`, at most `patience`, or until stop(). @return changes().
  std::uint64_t wait_for_change(std::uint64_t seen, std::chrono::milliseconds patience) const;
  bool stopped() const;

 private:
  struct Running {
    LiveJob live;
    bool cancelled = false;
  };
  void changed();

  JobStore& store_;
  mutable std::mutex mutex_;
  mutable std::condition_variable wake_;
  std::map<std::string, Running> running_;
  std::uint64_t changes_ = 1;
  bool stopped_ = false;
};

}  // namespace atelier::jobs
