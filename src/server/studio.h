#pragma once
#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "core/file_lock.h"
#include "jobs/database.h"
#include "jobs/job_store.h"
#include "jobs/local_queue.h"
#include "jobs/picture_store.h"
#include "server/counters.h"
#include "server/options.h"
#include "weights/style_store.h"

namespace atelier::server {

/// A folder that belongs to one process as long as the object lives.
class FolderLock {
 public:
  /// Creates the folder if need be. @throws Error (kFailure) when another process has it, or it cannot be written to.
  explicit FolderLock(const std::filesystem::path& folder);

 private:
  FileLock lock_;
};

/// Where jobs are carried out, as /healthz and /metrics tell it.
struct QueueState {
  bool shared = false;    ///< over Redis, by workers; else by this process
  bool reachable = true;  ///< false: Redis does not answer, and jobs wait in the store
  int places = 0;         ///< jobs that can run at once, as far as is known
};

/// What all routes and runners share.
class Studio {
 public:
  /// Opens the data folder and brings it in order after a crash.
  explicit Studio(ServerOptions options);

  const ServerOptions& options() const { return options_; }
  jobs::JobStore& jobs() { return jobs_; }
  jobs::PictureStore& pictures() { return pictures_; }
  jobs::LocalQueue& queue() { return queue_; }
  Counters& counters() { return counters_; }

  QueueState queue_state() const { return watch_queue_ ? watch_queue_() : QueueState{}; }
  /// Tells who knows the state of the queue. Not while requests are served.
  void watch_queue(std::function<QueueState()> watch) { watch_queue_ = std::move(watch); }

  /// Where a job's picture is kept; it exists when the job is done, or was about to be.
  std::filesystem::path result_file(const std::string& job) const;
  /// Where runners keep what is not finished; emptied at each start.
  std::filesystem::path work_folder() const { return options_.data / "work"; }

  /// All styles; read once, and again after forget_styles().
  std::vector<StyleCard> styles();
  void forget_styles();

  /// Deletes a job for good, with its result and the pictures that no other job needs; false when it is not over.
  bool remove_job(const std::string& id);
  /// Bytes of pictures and results.
  std::int64_t bytes_used();
  /// Refuses (507) when `more` bytes would exceed the quota, or the disk is nearly full.
  void require_space(std::int64_t more);
  /// Deletes what is older than it may be.
  void clean_up();

  /// One line of the log: `fields` beside time, level and event.
  void log(const char* level, const char* event, const nlohmann::ordered_json& fields) const;

 private:
  void sweep();

  ServerOptions options_;
  FolderLock lock_;
  jobs::Database database_;
  jobs::JobStore jobs_;
  jobs::PictureStore pictures_;
  jobs::LocalQueue queue_;
  Counters counters_;
  std::function<QueueState()> watch_queue_;
  std::mutex styles_mutex_;
  std::vector<StyleCard> styles_;
  bool styles_known_ = false;
};

}  // namespace atelier::server
