#include "jobs/redis_board.h"

#include "atelier/error.h"
#include "jobs/redis_scripts.h"

namespace atelier::jobs {
namespace {

const std::string kStream = "atelier:jobs";
const std::string kPlaces = "atelier:places";
const std::string kMostEvents = "200";
constexpr int kFileSeconds = 24 * 60 * 60;

std::string job_key(const std::string& id) { return "atelier:job:" + id; }
std::string preview_key(const std::string& id) { return "atelier:preview:" + id; }
std::string result_key(const std::string& id) { return "atelier:result:" + id; }
std::string file_key(const std::string& sha256) { return "atelier:file:" + sha256; }

const std::string& text_at(const RedisValue& value, std::size_t i) {
  if (i >= value.list.size())
    throw Error("the queue answers what it should not; check that nothing else writes keys called atelier:* there",
                ErrorKind::kFailure);
  return value.list[i].text;
}

RedisBoard::State state_named(const std::string& name) {
  if (name == "waiting") return RedisBoard::State::kWaiting;
  if (name == "running") return RedisBoard::State::kRunning;
  return name == "over" ? RedisBoard::State::kOver : RedisBoard::State::kUnknown;
}

RedisBoard::Answer answer_named(const std::string& name) {
  if (name == "lost") return RedisBoard::Answer::kLost;
  return name == "cancelled" ? RedisBoard::Answer::kCancelled : RedisBoard::Answer::kGoOn;
}

void put(Redis& redis, const std::string& key, const std::string& bytes) {
  if (bytes.size() > RedisBoard::kMostBytes)
    throw Error("a file of " + std::to_string(bytes.size() >> 20) +
                    " MiB is too large to travel through the queue; give server and workers one --data folder",
                ErrorKind::kFailure);
  redis.command({"SET", key, bytes, "EX", std::to_string(kFileSeconds)});
}

std::optional<std::string> get(Redis& redis, const std::string& key) {
  auto value = redis.command({"GET", key});
  if (value.nothing()) return std::nullopt;
  return std::move(value.text);
}

/// "kind", "progress", "job", ... in pairs.
RedisBoard::Event to_event(const RedisValue& entry) {
  RedisBoard::Event event;
  event.entry = text_at(entry, 0);
  const auto& fields = entry.list.at(1).list;
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    const auto& name = fields[i].text;
    if (name == "kind") event.kind = fields[i + 1].text;
    if (name == "job") event.job = fields[i + 1].text;
    if (name == "text") event.text = fields[i + 1].text;
  }
  return event;
}

}  // namespace

RedisBoard::Posted RedisBoard::post(const std::string& id, const std::string& message, const std::string& server) {
  const auto answer = redis_.script(scripts::kPost, {job_key(id), kStream}, {id, server, message});
  return {state_named(text_at(answer, 0)), text_at(answer, 1)};
}

RedisBoard::Posted RedisBoard::offer(const std::string& id, const std::string& message, const std::string& server) {
  return post(id, message, server);
}

RedisBoard::Posted RedisBoard::look(const std::string& id, const std::string& server) { return post(id, "", server); }

bool RedisBoard::cancel(const std::string& id, const std::string& end) {
  return redis_.script(scripts::kCancel, {job_key(id), kStream}, {id, end}).integer == 1;
}

void RedisBoard::forget(const std::string& id) {
  redis_.script(scripts::kForget, {job_key(id), kStream, preview_key(id), result_key(id)}, {});
}

std::vector<RedisBoard::Event> RedisBoard::events(const std::string& server, const std::string& last,
                                                  Milliseconds patience) {
  const auto answer = redis_.command({"XREAD", "COUNT", kMostEvents, "BLOCK", std::to_string(patience.count()),
                                      "STREAMS", "atelier:events:" + server, last},
                                     patience);
  std::vector<Event> events;
  if (answer.nothing()) return events;
  for (const auto& entry : answer.list.at(0).list.at(1).list) events.push_back(to_event(entry));
  return events;
}

int RedisBoard::places() { return static_cast<int>(redis_.script(scripts::kPlaces, {kPlaces}, {}).integer); }

void RedisBoard::put_file(const std::string& sha256, const std::string& bytes) { put(redis_, file_key(sha256), bytes); }
std::optional<std::string> RedisBoard::file(const std::string& sha256) { return get(redis_, file_key(sha256)); }
void RedisBoard::drop_file(const std::string& sha256) { redis_.command({"UNLINK", file_key(sha256)}); }
void RedisBoard::put_result(const std::string& id, const std::string& bytes) { put(redis_, result_key(id), bytes); }
std::optional<std::string> RedisBoard::result(const std::string& id) { return get(redis_, result_key(id)); }
std::optional<std::string> RedisBoard::preview(const std::string& id) { return get(redis_, preview_key(id)); }

std::optional<RedisBoard::Hold> RedisBoard::begin(const RedisValue& taken) {
  if (taken.list.empty()) return std::nullopt;
  return Hold{text_at(taken, 0), text_at(taken, 1), static_cast<int>(taken.list.at(2).integer)};
}

std::optional<RedisBoard::Hold> RedisBoard::take(const std::string& worker, const Limit& limit, Milliseconds patience) {
  redis_.script(scripts::kEnsureGroup, {kStream}, {});
  const auto answer = redis_.command({"XREADGROUP", "GROUP", "workers", worker, "COUNT", "1", "BLOCK",
                                      std::to_string(patience.count()), "STREAMS", kStream, ">"},
                                     patience);
  if (answer.nothing()) return std::nullopt;
  const auto& entry = answer.list.at(0).list.at(1).list.at(0);
  const auto& id = text_at(entry.list.at(1), 1);
  return begin(redis_.script(scripts::kBegin, {kStream, job_key(id)},
                             {id, text_at(entry, 0), worker, std::to_string(limit.attempts), limit.end}));
}

std::optional<RedisBoard::Hold> RedisBoard::take_over(const std::string& worker, const Limit& limit,
                                                      Milliseconds lease) {
  return begin(redis_.script(scripts::kTakeOver, {kStream},
                             {worker, std::to_string(lease.count()), std::to_string(limit.attempts), limit.end}));
}

RedisBoard::Answer RedisBoard::renew(const std::string& worker, const Hold& hold) {
  return answer_named(redis_
                          .script(scripts::kRenew, {job_key(hold.id), kStream},
                                  {hold.id, worker, hold.message, std::to_string(hold.attempts)})
                          .text);
}

RedisBoard::Answer RedisBoard::tell(const std::string& worker, const std::string& id, const std::string& kind,
                                    const std::string& text) {
  return answer_named(redis_.script(scripts::kTell, {job_key(id), preview_key(id)}, {id, worker, kind, text, ""}).text);
}

void RedisBoard::show(const std::string& worker, const std::string& id, const std::string& preview) {
  redis_.script(scripts::kTell, {job_key(id), preview_key(id)}, {id, worker, "preview", "", preview});
}

bool RedisBoard::finish(const std::string& worker, const std::string& id, const std::string& end) {
  return redis_.script(scripts::kFinish, {job_key(id), kStream}, {id, worker, end}).integer == 1;
}

void RedisBoard::give_back(const std::string& worker, const std::string& id) {
  redis_.script(scripts::kGiveBack, {job_key(id), kStream}, {id, worker});
}

void RedisBoard::greet(const std::string& worker, int places, Milliseconds lease) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(lease).count() + 1;
  redis_.script(scripts::kGreet, {kPlaces}, {worker, std::to_string(places), std::to_string(seconds)});
}

void RedisBoard::leave(const std::string& worker, int places) {
  redis_.script(scripts::kLeave, {kPlaces, kStream}, {worker, std::to_string(places)});
}

}  // namespace atelier::jobs
