#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "atelier/stylize.h"
#include "jobs/database.h"
#include "jobs/job_store.h"
#include "jobs/local_queue.h"
#include "jobs/redis_dispatcher.h"
#include "server/luggage.h"

namespace atelier::server {

/// Has pictures painted by the workers of a queue in Redis, and writes them here. Two jobs for each of the workers'
/// places lie in Redis at most, with their files; all others wait here.
class RemotePainter : private jobs::DispatcherHome {
 public:
  /// @param lease   as the workers'.
  /// @throws Error  (kFailure) when Redis cannot be reached now; later it is waited for.
  RemotePainter(const jobs::RedisAddress& queue, std::chrono::milliseconds lease);
  ~RemotePainter() override = default;

  /// As stylize(): the same picture under the same name, with the same recipe and metadata. May be called from any
  /// thread; returns when the picture is written. When `on_progress` answers false the job is withdrawn, or stopped
  /// within a step if it was begun.
  /// @throws Error as stylize() does, and for what require_travels() refuses; kFailure for whatever went wrong at a
  /// worker, or when it is of another version.
  void paint(const Request& request, const OnProgress& on_progress);

 private:
  struct Errand {
    Luggage luggage;
    std::optional<jobs::JobEnd> end;
    std::string result;
  };

  Parcel pack(const jobs::Job& job) override;
  bool keep(const jobs::Job& job, const jobs::JobEnd& end, const std::optional<std::string>& bytes) override;
  void ended(const jobs::Job& job, const jobs::JobEnd& end, double seconds) override;
  void say(const char* level, const std::string& text) override;

  std::string post(Luggage luggage);
  Errand await(const std::string& id, const OnProgress& on_progress);
  Errand close(const std::string& id);
  void withdraw(const std::string& id);
  Progress news(const std::string& id);
  std::string next_note();

  jobs::Database database_;
  jobs::JobStore store_;
  jobs::LocalQueue queue_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, Errand> errands_;
  std::deque<std::string> notes_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  bool lonely_told_ = false;
  jobs::RedisDispatcher dispatcher_;  ///< last: its threads use the rest
};

}  // namespace atelier::server
