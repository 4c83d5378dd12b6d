#pragma once
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jobs/database.h"
#include "jobs/job.h"

namespace atelier::jobs {

/// Jobs on disk. Every change is synced before the function returns, so that a killed server finds each job in its last
/// state. Functions may be called from any thread; those that can meet a full disk throw Error (kFailure).
class JobStore {
 public:
  /// A job begun this often without an end is given up: it is what brings the server down.
  static constexpr int kMostAttempts = 3;

  /// `database` must outlive the store.
  explicit JobStore(Database& database) : database_(database) {}

  /// Queues a job, or finds the one that this client has posted under the same key.
  /// @return         the job, and whether it is new.
  /// @throws Error   when the key was used for another request, or a picture does not exist (any more).
  std::pair<Job, bool> add(const NewJob& wanted);

  /// The job that this client has posted under the same key. @throws Error as add() for a key used otherwise.
  std::optional<Job> find_same(const NewJob& wanted);
  std::optional<Job> find(const std::string& id);
  /// Newest first: at most `limit` jobs that arrived before `before` (an id; empty: from the newest).
  /// @param client  whose; nothing: everybody's.
  std::vector<Job> list(int limit, const std::string& before, const std::optional<std::string>& client);

  /// The next queued job, from now on running: the oldest of the client that has waited longest for a turn.
  std::optional<Job> take();
  /// Ends a running job, or a queued one by cancelling or failing it; false when it was over already or is gone.
  bool finish(const std::string& id, const JobEnd& end);
  /// A running job waits again, and the attempt does not count: the server is being stopped.
  void give_back(const std::string& id);
  /// Marks a job as asked to stop; one that has not begun is cancelled at once. False when it is over or gone.
  bool cancel(const std::string& id);

  /// After a crash: running jobs are queued again; done when `finished` finds their result complete on disk, cancelled
  /// when that was asked for, failed after kMostAttempts.
  /// @return how many were running.
  int recover(const std::function<std::optional<JobResult>(const Job&)>& finished);

  /// How many jobs wait; with a client, how many of theirs.
  std::int64_t waiting(const std::optional<std::string>& client = std::nullopt);
  /// 1 for the job that is next; 0 when it does not wait.
  std::int64_t position(const std::string& id);
  /// Jobs in each state, by name_of().
  std::vector<std::pair<std::string, std::int64_t>> count_by_state();
  /// Mean seconds from start to finish of the last done jobs; 0 when there is none.
  double typical_seconds();

  /// Bytes of all results.
  std::int64_t result_bytes();

  /// Ids of jobs that are over since before `time`.
  std::vector<std::string> over_since(double time);
  /// Forgets a job that is over. @return the pictures that no other job needs; nothing when there is no such job or it
  /// is not over.
  std::optional<std::vector<std::string>> remove(const std::string& id);

 private:
  Database& database_;
};

}  // namespace atelier::jobs
