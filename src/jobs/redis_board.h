#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "jobs/redis.h"

namespace atelier::jobs {

/// The board in Redis where `atelier serve` hangs up jobs and workers on any machine take them down.
///
/// A job is a hash, atelier:job:ID, with its message, state and holder; that hash decides. Its entry in the stream
/// atelier:jobs wakes a worker, and, pending in the consumer group "workers", is the holder's lease: renewed by XCLAIM,
/// claimed by another worker once it has been idle for too long. What workers say goes to the stream
/// atelier:events:SERVER of the server that last asked for the job. Each function is one script, carried out as a
/// whole or not at all, and does no harm when it is repeated; all throw Error (kFailure) when Redis is away.
class RedisBoard {
 public:
  using Milliseconds = std::chrono::milliseconds;

  /// Most bytes of a file that travels through Redis.
  static constexpr std::size_t kMostBytes = std::size_t{256} << 20;

  explicit RedisBoard(RedisAddress address) : redis_(std::move(address)) {}
  Redis& redis() { return redis_; }

  // --- the server's side; `server` is a name of its own, new at each start

  enum class State { kUnknown, kWaiting, kRunning, kOver };
  struct Posted {
    State state = State::kUnknown;
    std::string end;  ///< of a job that is over, as the worker gave it
  };
  /// Hangs up a job unless it is there, and has what becomes of it told to `server` from now on.
  Posted offer(const std::string& id, const std::string& message, const std::string& server);
  /// The same without hanging it up.
  Posted look(const std::string& id, const std::string& server);
  /// Takes a waiting job down, which ends it as `end`, and tells the holder of a running one to stop.
  /// @return whether it has a holder; else it may be forgotten at once.
  bool cancel(const std::string& id, const std::string& end);
  /// Removes all that is kept of a job.
  void forget(const std::string& id);

  struct Event {
    std::string entry;  ///< its place in the stream
    std::string kind;   ///< "progress", "preview", "end", or "need": a file is asked for by its sha256
    std::string job, text;
  };
  /// What happened after `last` ("0": ever), waiting for it up to `patience`.
  std::vector<Event> events(const std::string& server, const std::string& last, Milliseconds patience);
  /// How many jobs the workers that are there can work on at once.
  int places();

  // --- files; they expire after a day at most

  void put_file(const std::string& sha256, const std::string& bytes);
  std::optional<std::string> file(const std::string& sha256);
  void drop_file(const std::string& sha256);
  void put_result(const std::string& id, const std::string& bytes);
  std::optional<std::string> result(const std::string& id);
  std::optional<std::string> preview(const std::string& id);

  // --- the worker's side; `worker` is a name of its own, new at each start

  /// A worker's hold on a job. The message is with it so that the hold can be renewed when Redis has lost everything.
  struct Hold {
    std::string id, message;
    int attempts = 0;  ///< how often the job was begun
  };
  /// What becomes of a job that was begun too often.
  struct Limit {
    int attempts = 3;
    std::string end;  ///< as Posted::end
  };
  /// The next waiting job; nothing when none came within `patience`.
  std::optional<Hold> take(const std::string& worker, const Limit& limit, Milliseconds patience);
  /// A job whose holder has not renewed its hold for `lease`.
  std::optional<Hold> take_over(const std::string& worker, const Limit& limit, Milliseconds lease);

  enum class Answer { kGoOn, kCancelled, kLost };
  /// Keeps the hold on a job; kLost when another worker has it by now, or it is over.
  Answer renew(const std::string& worker, const Hold& hold);
  /// Tells the server of a job that `worker` holds.
  Answer tell(const std::string& worker, const std::string& id, const std::string& kind, const std::string& text);
  void show(const std::string& worker, const std::string& id, const std::string& preview);
  /// Ends a job; false when another worker has it by now, or it is over.
  bool finish(const std::string& worker, const std::string& id, const std::string& end);
  /// Hangs the job up again; the attempt does not count.
  void give_back(const std::string& worker, const std::string& id);
  /// The worker is there for another `lease`, and works on `places` jobs at once.
  void greet(const std::string& worker, int places, Milliseconds lease);
  /// The worker goes; it must hold nothing.
  void leave(const std::string& worker, int places);

 private:
  Posted post(const std::string& id, const std::string& message, const std::string& server);
  std::optional<Hold> begin(const RedisValue& taken);

  Redis redis_;
};

}  // namespace atelier::jobs
