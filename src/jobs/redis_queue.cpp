#include "jobs/redis_queue.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "atelier/error.h"
#include "jobs/job_store.h"
#include "jobs/random_id.h"

namespace atelier::jobs {
namespace {

constexpr std::chrono::milliseconds kSlice{500};  // for which a read may block, so that stop() is seen
constexpr std::chrono::milliseconds kBetweenTold{200};
constexpr std::chrono::seconds kBetweenAsked{2};
constexpr std::chrono::seconds kFarewell{10};

/// "painter-4711-1a2b3c4d": unique, and says to people where it runs.
std::string worker_name() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return std::string(host.data()) + "-" + std::to_string(::getpid()) + "-" + random_id(8);
}

RedisBoard::Limit begun_too_often() {
  JobEnd end{JobState::kFailed, "workers ended " + std::to_string(JobStore::kMostAttempts) +
                                    " times while they worked on this; try a smaller size or another method"};
  return {JobStore::kMostAttempts, to_text(RemoteEnd{end})};
}

}  // namespace

RedisQueue::RedisQueue(Options options)
    : options_(std::move(options)), board_(options_.address), worker_(worker_name()), limit_(begun_too_often()) {
  keeper_ = std::thread([this] { keep_holds(); });
}

RedisQueue::~RedisQueue() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = closing_ = true;
    wake_.notify_all();
  }
  keeper_.join();
  try {
    board_.leave(worker_, options_.places);
  } catch (const Error&) {
    // its places expire with the lease
  }
}

void RedisQueue::offer(const Job&) {
  throw Error("a worker was given a job to offer; offer jobs to `atelier serve`", ErrorKind::kFailure);
}

/// Tells people once when Redis goes away.
void RedisQueue::away(const std::string& reason) {
  if (!away_.exchange(true) && options_.say) options_.say(reason + " (trying again)");
}

void RedisQueue::back() {
  if (away_.exchange(false) && options_.say) options_.say("the queue " + options_.address.shown() + " is back");
}

/// Waits; false when stop() was called.
bool RedisQueue::pause(Milliseconds time) const {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, time, [&] { return stopped_; });
}

std::optional<RedisBoard::Hold> RedisQueue::next_hold(Milliseconds patience) {
  if (auto hold = board_.take_over(worker_, limit_, options_.lease)) return hold;
  return board_.take(worker_, limit_, std::max(patience, Milliseconds(1)));
}

/// Nothing when the job is held here already: this worker was too busy to renew its own hold in time.
std::optional<Job> RedisQueue::begun(const RedisBoard::Hold& hold) {
  const auto message = parse_message(hold.message);
  {
    const std::lock_guard lock(mutex_);
    if (!held_.try_emplace(hold.id, Held{hold, RedisBoard::Answer::kGoOn, {}, std::nullopt}).second)
      return std::nullopt;
  }
  Job job;
  job.id = message.id;
  job.kind = message.kind;
  job.request = message.request;
  job.state = JobState::kRunning;
  job.started = unix_time();
  job.attempts = hold.attempts;
  return job;
}

std::optional<Job> RedisQueue::take(Milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  Backoff backoff;
  while (pause(Milliseconds(0))) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return std::nullopt;
    try {
      const auto hold = next_hold(std::min(left, kSlice));
      back();
      if (hold)
        if (auto job = begun(*hold)) return job;
    } catch (const Error& error) {
      away(error.what());
      pause(std::min(left, backoff.next()));
    }
  }
  return std::nullopt;
}

void RedisQueue::note(const std::string& id, RedisBoard::Answer answer) {
  const std::lock_guard lock(mutex_);
  if (const auto found = held_.find(id); found != held_.end()) found->second.answer = answer;
}

bool RedisQueue::goes_on(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = held_.find(id);
  return found != held_.end() && found->second.answer == RedisBoard::Answer::kGoOn;
}

bool RedisQueue::report(const std::string& id, const JobProgress& progress) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = held_.find(id);
    if (found == held_.end() || found->second.answer != RedisBoard::Answer::kGoOn) return false;
    const auto now = Clock::now();
    if (away_ || now - found->second.told < kBetweenTold) return true;
    found->second.told = now;
  }
  try {
    note(id, board_.tell(worker_, id, "progress", to_text(progress)));
  } catch (const Error& error) {
    away(error.what());
  }
  return goes_on(id);
}

void RedisQueue::show(const std::string& id, std::string preview) {
  if (away_) return;
  try {
    board_.show(worker_, id, preview);
  } catch (const Error& error) {
    away(error.what());
  }
}

/// Ends the hold on a job by `tell`, repeated until Redis has taken it in.
void RedisQueue::release(const std::string& id, const std::function<void()>& tell) {
  Backoff backoff;
  for (auto last = Clock::time_point::max(); Clock::now() < last;) {
    try {
      tell();
      back();
      break;
    } catch (const Error& error) {
      away(error.what());
      const bool goes_on = pause(backoff.next());
      if (!goes_on && last == Clock::time_point::max()) last = Clock::now() + kFarewell;
      if (!goes_on) std::this_thread::sleep_for(kBetweenTold);
    }
  }
  const std::lock_guard lock(mutex_);
  held_.erase(id);
}

void RedisQueue::finish(const std::string& id, const JobEnd& end) {
  std::optional<std::string> result;
  {
    const std::lock_guard lock(mutex_);
    const auto found = held_.find(id);
    if (found == held_.end()) return;
    result = std::move(found->second.result);
  }
  const bool travels = result && end.state == JobState::kDone;
  const auto text = to_text(RemoteEnd{end, travels});
  release(id, [&] {
    if (travels) board_.put_result(id, *result);
    board_.finish(worker_, id, text);
  });
}

void RedisQueue::give_back(const std::string& id) {
  release(id, [&] { board_.give_back(worker_, id); });
}

void RedisQueue::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  wake_.notify_all();
}

JobMessage RedisQueue::message(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = held_.find(id);
  if (found == held_.end()) throw Error("job " + id + " is not held here; take it first", ErrorKind::kFailure);
  return parse_message(found->second.hold.message);
}

std::optional<std::string> RedisQueue::fetch(const std::string& id, const std::string& sha256) {
  Clock::time_point asked{};
  Milliseconds wait{10};
  while (goes_on(id)) {
    try {
      if (auto bytes = board_.file(sha256)) return bytes;
      if (Clock::now() - asked > kBetweenAsked) {
        asked = Clock::now();
        note(id, board_.tell(worker_, id, "need", sha256));
      }
    } catch (const Error& error) {
      away(error.what());
    }
    if (!pause(wait)) return std::nullopt;
    wait = std::min(2 * wait, kSlice);
  }
  return std::nullopt;
}

void RedisQueue::keep_result(const std::string& id, std::string bytes) {
  if (bytes.size() > RedisBoard::kMostBytes)
    throw Error("the result of " + std::to_string(bytes.size() >> 20) +
                    " MiB is too large to travel through the queue; choose a smaller size, or give server and workers "
                    "one --data folder",
                ErrorKind::kFailure);
  const std::lock_guard lock(mutex_);
  if (const auto found = held_.find(id); found != held_.end()) found->second.result = std::move(bytes);
}

void RedisQueue::renew_all() {
  board_.greet(worker_, options_.places, options_.lease);
  std::vector<RedisBoard::Hold> holds;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, held] : held_)
      if (held.answer != RedisBoard::Answer::kLost) holds.push_back(held.hold);
  }
  for (const auto& hold : holds) note(hold.id, board_.renew(worker_, hold));
}

void RedisQueue::keep_holds() {
  const Milliseconds rhythm = options_.lease / 4;
  Backoff backoff;
  for (auto wait = Milliseconds(0);;) {
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, wait, [&] { return closing_; })) return;
    }
    try {
      renew_all();
      back();
      backoff.reset();
      wait = rhythm;
    } catch (const Error& error) {
      away(error.what());
      wait = std::min(rhythm, backoff.next());
    }
  }
}

}  // namespace atelier::jobs
