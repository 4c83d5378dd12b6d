#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "jobs/job_message.h"
#include "jobs/job_store.h"
#include "jobs/local_queue.h"
#include "jobs/redis_board.h"

namespace atelier::jobs {

/// What a RedisDispatcher asks of the server that it works for. Called from its threads.
class DispatcherHome {
 public:
  virtual ~DispatcherHome() = default;

  struct Parcel {
    JobMessage message;
    std::map<std::string, std::filesystem::path> files;  ///< that a worker may ask for, by sha256
  };
  virtual Parcel pack(const Job& job) = 0;
  /// Brings what a job has made to its place: `bytes`, when it came through the queue, else a file that should lie in
  /// the data folder. @return false when it is not there (yet).
  virtual bool keep(const Job& job, const JobEnd& end, const std::optional<std::string>& bytes) = 0;
  /// A job that was dispatched has ended, and the store knows.
  virtual void ended(const Job& job, const JobEnd& end, double seconds) = 0;
  /// One line for the log.
  virtual void say(const char* level, const std::string& text) = 0;
};

/// The server's end of the queue in Redis: a runner on the server's own queue that has its jobs done elsewhere. It
/// takes no more jobs than the workers have places, so that the others wait in the store in their fair order, and
/// survive whatever becomes of Redis; those that Redis has lost are offered again. An end that is told twice is applied
/// once.
class RedisDispatcher {
 public:
  using Milliseconds = std::chrono::milliseconds;

  struct Options {
    Milliseconds lease;      ///< as the workers'; when Redis has lost a job, its worker has half of it to come forward
    int jobs_per_place = 1;  ///< more: a worker finds its next job at once, and others' jobs wait longer
    bool files_ahead = false;  ///< files go to Redis with their job, not when a worker asks for them
  };

  /// Store, queue and home must outlive the object.
  RedisDispatcher(const RedisAddress& address, JobStore& store, LocalQueue& queue, DispatcherHome& home,
                  const Options& options);
  /// Jobs that are dispatched wait again in the store; workers go on with them, and the next start hears of it. Those
  /// that were cancelled are taken down.
  ~RedisDispatcher();
  RedisDispatcher(const RedisDispatcher&) = delete;
  RedisDispatcher& operator=(const RedisDispatcher&) = delete;

  bool away() const { return away_; }     ///< Redis does not answer
  int places() const { return places_; }  ///< of all workers together

 private:
  using Clock = std::chrono::steady_clock;
  struct Dispatched {
    Job job;
    DispatcherHome::Parcel parcel;
    std::string message;
    Clock::time_point start;
    bool offered = false;
    Clock::time_point missing;  ///< since when Redis does not know it; the epoch: it does
    int losses = 0;             ///< how often its result was not there
  };

  void offer_jobs();
  void count_places();
  void dispatch(const Job& job);
  bool wait_for_place();

  void listen();
  void hear();
  void handle(const RedisBoard::Event& event);
  void send_ahead(const Dispatched& dispatched);
  void send_file(const Dispatched& dispatched, const std::string& sha256);
  void put_file(const std::string& sha256, const std::string& bytes);
  void look_after(const Dispatched& dispatched);
  void end(const std::string& id, const std::string& text);
  void apply(const Dispatched& dispatched, const JobEnd& end);
  void let_files_go(const Dispatched& dispatched);
  void call_off(const Dispatched& dispatched, const JobEnd& end);
  void count_loss(const Dispatched& dispatched);
  void note_cancelled();
  void tidy_up_there();

  std::vector<Dispatched> all();
  std::optional<Dispatched> find(const std::string& id);
  void update(const std::string& id, const std::function<void(Dispatched&)>& change);
  bool pause(Milliseconds time);
  void set_away(const std::string& reason);
  void set_back();

  RedisBoard board_;
  JobStore& store_;
  LocalQueue& queue_;
  DispatcherHome& home_;
  const Options options_;
  const std::string name_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, Dispatched> dispatched_;
  std::set<std::string> sent_;  ///< files that lie in Redis, by sha256
  bool stopping_ = false;
  std::atomic<bool> away_ = false;
  std::atomic<int> places_ = 0;
  // of the listening thread
  std::string last_event_ = "0";
  std::uint64_t seen_ = 0;
  Clock::time_point looked_;
  std::set<std::string> called_off_, unneeded_;  ///< jobs and files that Redis is still to be told of
  std::thread offering_, listening_;
};

}  // namespace atelier::jobs
