#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "jobs/job_message.h"
#include "jobs/job_queue.h"
#include "jobs/redis_board.h"

namespace atelier::jobs {

/// The worker's end of the queue in Redis. A thread of its own renews the worker's holds four times in each lease.
/// While Redis is away jobs go on, and how they ended is told once it is back.
class RedisQueue : public JobQueue {
 public:
  using Milliseconds = std::chrono::milliseconds;

  struct Options {
    RedisAddress address;
    int places = 1;             ///< jobs that are worked on at once
    Milliseconds lease{20000};  ///< a worker that has been silent for so long is taken for dead
    /// Is told in one line when Redis goes away, and when it is back. May be called from any thread.
    std::function<void(const std::string&)> say;
  };
  explicit RedisQueue(Options options);
  /// Jobs that are still held become free when the lease has run out.
  ~RedisQueue() override;
  RedisQueue(const RedisQueue&) = delete;
  RedisQueue& operator=(const RedisQueue&) = delete;

  /// A server's business. @throws Error always.
  void offer(const Job& job) override;
  std::optional<Job> take(Milliseconds patience) override;
  /// False also when another worker has the job by now. Told to the server five times a second at most.
  bool report(const std::string& id, const JobProgress& progress) override;
  void show(const std::string& id, std::string preview) override;
  /// Waits until Redis has it; after stop() ten seconds at most.
  void finish(const std::string& id, const JobEnd& end) override;
  void give_back(const std::string& id) override;
  void stop() override;

  /// All that is known of a job that take() gave.
  JobMessage message(const std::string& id) const;
  /// A file that the job needs, asked of the server where Redis has none; nothing when the job is not to be gone on
  /// with, or stop() was called.
  std::optional<std::string> fetch(const std::string& id, const std::string& sha256);
  /// The file that a job has made travels to the server with finish().
  /// @throws Error when it is too large for that.
  void keep_result(const std::string& id, std::string bytes);

 private:
  using Clock = std::chrono::steady_clock;
  struct Held {
    RedisBoard::Hold hold;
    RedisBoard::Answer answer = RedisBoard::Answer::kGoOn;
    Clock::time_point told;
    std::optional<std::string> result;
  };

  std::optional<RedisBoard::Hold> next_hold(Milliseconds patience);
  std::optional<Job> begun(const RedisBoard::Hold& hold);
  bool goes_on(const std::string& id) const;
  bool pause(Milliseconds time) const;
  void keep_holds();
  void renew_all();
  void release(const std::string& id, const std::function<void()>& tell);
  void note(const std::string& id, RedisBoard::Answer answer);
  void away(const std::string& reason);
  void back();

  Options options_;
  RedisBoard board_;
  const std::string worker_;
  RedisBoard::Limit limit_;
  mutable std::mutex mutex_;
  mutable std::condition_variable wake_;
  std::map<std::string, Held> held_;
  bool stopped_ = false, closing_ = false;
  std::atomic<bool> away_ = false;
  std::thread keeper_;
};

}  // namespace atelier::jobs
