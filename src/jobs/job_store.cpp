#include "jobs/job_store.h"

#include "atelier/error.h"
#include "jobs/random_id.h"

namespace atelier::jobs {
namespace {

const std::string kColumns =
    "number, id, client, kind, state, request, created, started, finished, attempts, cancel, error, width, height, "
    "bytes";

Job read_job(const Statement& row) {
  Job job;
  job.number = row.integer(0);
  job.id = row.text(1);
  job.client = row.text(2);
  job.kind = row.text(3);
  job.state = state_named(row.text(4));
  job.request = row.text(5);
  job.created = row.number(6);
  job.started = row.number(7);
  job.finished = row.number(8);
  job.attempts = static_cast<int>(row.integer(9));
  job.cancelled = row.integer(10) != 0;
  job.error = row.text(11);
  if (!row.is_null(12))
    job.result = {static_cast<int>(row.integer(12)), static_cast<int>(row.integer(13)), row.integer(14)};
  return job;
}

std::optional<Job> find_by_key(Database& database, const NewJob& wanted) {
  if (!wanted.key) return std::nullopt;
  auto row = database.prepare("SELECT " + kColumns + " FROM jobs WHERE client = ? AND key = ?");
  row.with(wanted.client).with(*wanted.key);
  if (!row.next()) return std::nullopt;
  Job job = read_job(row);
  require(job.kind == wanted.kind && job.request == wanted.request,
          "this Idempotency-Key was used for another job; send a new key with a new job");
  return job;
}

void note_pictures(Database& database, const std::string& job, const std::vector<std::string>& pictures) {
  for (const auto& picture : pictures) {
    database.prepare("INSERT INTO job_pictures SELECT ?, id FROM pictures WHERE id = ?").with(job).with(picture).run();
    require(database.changed() == 1, "there is no picture \"" + picture + "\"; upload it again");
  }
}

void end_job(Database& database, const std::string& id, const JobEnd& end) {
  std::optional<std::int64_t> width, height, bytes;
  if (end.result) width = end.result->width, height = end.result->height, bytes = end.result->bytes;
  database
      .prepare(
          "UPDATE jobs SET state = ?, finished = ?, error = ?, width = ?, height = ?, bytes = ? WHERE id = ? AND state "
          "IN ('queued', 'running')")
      .with(std::string_view(name_of(end.state)))
      .with(unix_time())
      .with_or_null(end.error.empty() ? std::nullopt : std::optional(end.error))
      .with_or_null(width)
      .with_or_null(height)
      .with_or_null(bytes)
      .with(id)
      .run();
}

void queue_again(Database& database, const std::string& id, int attempts) {
  database.prepare("UPDATE jobs SET state = 'queued', started = NULL, attempts = ? WHERE id = ? AND state = 'running'")
      .with(static_cast<std::int64_t>(attempts))
      .with(id)
      .run();
}

std::vector<Job> jobs_in(Database& database, const char* state) {
  auto rows = database.prepare("SELECT " + kColumns + " FROM jobs WHERE state = ? ORDER BY number");
  rows.with(std::string_view(state));
  std::vector<Job> jobs;
  while (rows.next()) jobs.push_back(read_job(rows));
  return jobs;
}

}  // namespace

std::pair<Job, bool> JobStore::add(const NewJob& wanted) {
  const auto lock = database_.lock();
  Transaction transaction(database_);
  if (auto job = find_by_key(database_, wanted)) return {*job, false};
  const auto id = random_id();
  database_
      .prepare("INSERT INTO jobs (id, client, kind, state, request, key, created) VALUES (?, ?, ?, 'queued', ?, ?, ?)")
      .with(id)
      .with(wanted.client)
      .with(wanted.kind)
      .with(wanted.request)
      .with_or_null(wanted.key)
      .with(unix_time())
      .run();
  note_pictures(database_, id, wanted.pictures);
  transaction.commit();
  return {*find(id), true};
}

std::optional<Job> JobStore::find_same(const NewJob& wanted) {
  const auto lock = database_.lock();
  return find_by_key(database_, wanted);
}

std::optional<Job> JobStore::find(const std::string& id) {
  const auto lock = database_.lock();
  auto row = database_.prepare("SELECT " + kColumns + " FROM jobs WHERE id = ?");
  row.with(id);
  if (!row.next()) return std::nullopt;
  return read_job(row);
}

std::vector<Job> JobStore::list(int limit, const std::string& before, const std::optional<std::string>& client) {
  const auto lock = database_.lock();
  auto rows = database_.prepare("SELECT " + kColumns +
                                " FROM jobs WHERE (?1 = '' OR number < (SELECT number FROM jobs WHERE id = ?1)) AND "
                                "(?2 IS NULL OR client = ?2) ORDER BY number DESC LIMIT ?3");
  rows.with(before).with_or_null(client).with(static_cast<std::int64_t>(limit));
  std::vector<Job> jobs;
  while (rows.next()) jobs.push_back(read_job(rows));
  return jobs;
}

std::optional<Job> JobStore::take() {
  const auto lock = database_.lock();
  Transaction transaction(database_);
  auto row = database_.prepare("SELECT " + kColumns +
                               " FROM jobs LEFT JOIN clients USING (client) WHERE state = 'queued' ORDER BY "
                               "coalesce(turn, 0), number LIMIT 1");
  if (!row.next()) return std::nullopt;
  Job job = read_job(row);
  job.state = JobState::kRunning;
  job.started = unix_time();
  ++job.attempts;
  database_.prepare("UPDATE jobs SET state = 'running', started = ?, attempts = ? WHERE id = ?")
      .with(job.started)
      .with(static_cast<std::int64_t>(job.attempts))
      .with(job.id)
      .run();
  database_
      .prepare(
          "INSERT OR REPLACE INTO clients (client, turn) VALUES (?, (SELECT coalesce(max(turn), 0) + 1 FROM clients))")
      .with(job.client)
      .run();
  transaction.commit();
  return job;
}

bool JobStore::finish(const std::string& id, const JobEnd& end) {
  const auto lock = database_.lock();
  end_job(database_, id, end);
  return database_.changed() == 1;
}

void JobStore::give_back(const std::string& id) {
  const auto lock = database_.lock();
  if (const auto job = find(id)) queue_again(database_, id, job->attempts - 1);
}

bool JobStore::cancel(const std::string& id) {
  const auto lock = database_.lock();
  const auto job = find(id);
  if (!job || is_over(job->state)) return false;
  if (job->state == JobState::kQueued) return finish(id, {JobState::kCancelled});
  database_.prepare("UPDATE jobs SET cancel = 1 WHERE id = ?").with(id).run();
  return true;
}

int JobStore::recover(const std::function<std::optional<JobResult>(const Job&)>& finished) {
  const auto lock = database_.lock();
  Transaction transaction(database_);
  const auto running = jobs_in(database_, "running");
  for (const auto& job : running) {
    if (const auto result = finished(job))
      end_job(database_, job.id, {JobState::kDone, "", result});
    else if (job.cancelled)
      end_job(database_, job.id, {JobState::kCancelled});
    else if (job.attempts >= kMostAttempts)
      end_job(database_, job.id,
              {JobState::kFailed, "the server ended " + std::to_string(job.attempts) +
                                      " times while it worked on this; try a smaller size or another method"});
    else
      queue_again(database_, job.id, job.attempts);
  }
  transaction.commit();
  return static_cast<int>(running.size());
}

std::int64_t JobStore::waiting(const std::optional<std::string>& client) {
  const auto lock = database_.lock();
  auto row = database_.prepare("SELECT count(*) FROM jobs WHERE state = 'queued' AND (?1 IS NULL OR client = ?1)");
  row.with_or_null(client);
  row.next();
  return row.integer(0);
}

std::int64_t JobStore::position(const std::string& id) {
  const auto lock = database_.lock();
  // Everybody's first job goes before anybody's second.
  auto row = database_.prepare(
      "SELECT place FROM (SELECT id, row_number() OVER (ORDER BY nth, coalesce(turn, 0), number) AS place FROM (SELECT "
      "id, number, client, row_number() OVER (PARTITION BY client ORDER BY number) AS nth FROM jobs WHERE state = "
      "'queued') LEFT JOIN clients USING (client)) WHERE id = ?");
  row.with(id);
  return row.next() ? row.integer(0) : 0;
}

std::vector<std::pair<std::string, std::int64_t>> JobStore::count_by_state() {
  const auto lock = database_.lock();
  auto rows = database_.prepare("SELECT state, count(*) FROM jobs GROUP BY state");
  std::vector<std::pair<std::string, std::int64_t>> counts;
  while (rows.next()) counts.emplace_back(rows.text(0), rows.integer(1));
  return counts;
}

double JobStore::typical_seconds() {
  const auto lock = database_.lock();
  auto row = database_.prepare(
      "SELECT avg(finished - started) FROM (SELECT finished, started FROM jobs WHERE state = 'done' ORDER BY number "
      "DESC LIMIT 20)");
  row.next();
  return row.number(0);
}

std::int64_t JobStore::result_bytes() {
  const auto lock = database_.lock();
  auto row = database_.prepare("SELECT coalesce(sum(bytes), 0) FROM jobs");
  row.next();
  return row.integer(0);
}

std::vector<std::string> JobStore::over_since(double time) {
  const auto lock = database_.lock();
  auto rows = database_.prepare("SELECT id FROM jobs WHERE state IN ('done', 'failed', 'cancelled') AND finished < ?");
  rows.with(time);
  std::vector<std::string> ids;
  while (rows.next()) ids.push_back(rows.text(0));
  return ids;
}

std::optional<std::vector<std::string>> JobStore::remove(const std::string& id) {
  const auto lock = database_.lock();
  const auto job = find(id);
  if (!job || !is_over(job->state)) return std::nullopt;
  Transaction transaction(database_);
  auto rows = database_.prepare(
      "SELECT picture FROM job_pictures AS mine WHERE job = ? AND NOT EXISTS (SELECT 1 FROM job_pictures AS others "
      "WHERE others.picture = mine.picture AND others.job != mine.job)");
  rows.with(id);
  std::vector<std::string> unused;
  while (rows.next()) unused.push_back(rows.text(0));
  database_.prepare("DELETE FROM job_pictures WHERE job = ?").with(id).run();
  database_.prepare("DELETE FROM jobs WHERE id = ?").with(id).run();
  transaction.commit();
  return unused;
}

}  // namespace atelier::jobs
