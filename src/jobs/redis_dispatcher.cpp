#include "jobs/redis_dispatcher.h"

#include <algorithm>
#include <utility>

#include "atelier/error.h"
#include "core/counted.h"
#include "core/file_content.h"
#include "jobs/random_id.h"

namespace atelier::jobs {
namespace {

constexpr std::chrono::milliseconds kSlice{500};
constexpr std::chrono::seconds kBetweenLooks{2};
constexpr int kMostLosses = 5;

}  // namespace

RedisDispatcher::RedisDispatcher(const RedisAddress& address, JobStore& store, LocalQueue& queue, DispatcherHome& home,
                                 const Options& options)
    : board_(address), store_(store), queue_(queue), home_(home), options_(options), name_(random_id()) {
  offering_ = std::thread([this] { offer_jobs(); });
  listening_ = std::thread([this] { listen(); });
}

RedisDispatcher::~RedisDispatcher() {
  queue_.stop();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  offering_.join();
  listening_.join();
  try {
    for (const auto& [id, dispatched] : dispatched_) queue_.give_back(id);
  } catch (const Error& error) {  // the store refuses: they are found running at the next start
    home_.say("error", error.what());
  }
  try {
    tidy_up_there();
  } catch (const Error& error) {
    set_away(error.what());
  }
}

void RedisDispatcher::set_away(const std::string& reason) {
  if (!away_.exchange(true)) home_.say("error", reason);
}

void RedisDispatcher::set_back() {
  if (away_.exchange(false)) home_.say("info", "the queue is back");
}

/// Waits; false when the dispatcher stops.
bool RedisDispatcher::pause(Milliseconds time) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, time, [&] { return stopping_; });
}

std::optional<RedisDispatcher::Dispatched> RedisDispatcher::find(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = dispatched_.find(id);
  if (found == dispatched_.end()) return std::nullopt;
  return found->second;
}

void RedisDispatcher::update(const std::string& id, const std::function<void(Dispatched&)>& change) {
  const std::lock_guard lock(mutex_);
  if (const auto found = dispatched_.find(id); found != dispatched_.end()) change(found->second);
}

// --- offering

void RedisDispatcher::count_places() {
  const int places = board_.places();
  if (places_.exchange(places) != places)
    home_.say("info", "the workers have " + counted(static_cast<std::size_t>(std::max(places, 0)), "place"));
}

/// Waits a little for a free place; false when there is none yet.
bool RedisDispatcher::wait_for_place() {
  std::unique_lock lock(mutex_);
  return wake_.wait_for(lock, kSlice, [&] {
    return stopping_ || dispatched_.size() < static_cast<std::size_t>(options_.jobs_per_place * places_);
  }) && !stopping_;
}

void RedisDispatcher::dispatch(const Job& job) {
  Dispatched dispatched{job, {}, "", Clock::now(), false, {}, 0};
  try {
    dispatched.parcel = home_.pack(job);
  } catch (const Error& error) {
    return queue_.finish(job.id, {JobState::kFailed, error.what()});
  }
  dispatched.message = to_text(dispatched.parcel.message);
  {
    const std::lock_guard lock(mutex_);
    dispatched_[job.id] = dispatched;
  }
  if (options_.files_ahead) send_ahead(dispatched);
  board_.offer(job.id, dispatched.message, name_);
  update(job.id, [](Dispatched& known) { known.offered = true; });
}

/// What cannot be sent is found out when a worker asks for it.
void RedisDispatcher::send_ahead(const Dispatched& dispatched) {
  for (const auto& [sha256, file] : dispatched.parcel.files) {
    {
      const std::lock_guard lock(mutex_);
      if (sent_.contains(sha256)) continue;
    }
    const auto bytes = file_content(file);
    if (bytes && bytes->size() <= RedisBoard::kMostBytes) put_file(sha256, *bytes);
  }
}

void RedisDispatcher::offer_jobs() {
  Backoff backoff;
  Clock::time_point counted{};
  while (pause(Milliseconds(0))) {
    try {
      if (Clock::now() - counted > kSlice) {
        count_places();
        counted = Clock::now();
        backoff.reset();
      }
      if (!wait_for_place()) continue;
      if (const auto job = queue_.take(kSlice)) dispatch(*job);
    } catch (const Error& error) {  // Redis is away, or the store refuses
      set_away(error.what());
      pause(backoff.next());
    }
  }
}

// --- listening

void RedisDispatcher::listen() {
  Backoff backoff;
  while (pause(Milliseconds(0))) {
    try {
      note_cancelled();
      hear();
      set_back();
      backoff.reset();
    } catch (const Error& error) {
      set_away(error.what());
      pause(std::min(backoff.next(), kSlice));  // users may cancel meanwhile
    }
  }
}

void RedisDispatcher::hear() {
  tidy_up_there();
  if (Clock::now() - looked_ > kBetweenLooks) {
    for (const auto& dispatched : all()) look_after(dispatched);
    looked_ = Clock::now();
  }
  for (const auto& event : board_.events(name_, last_event_, kSlice)) {
    handle(event);
    last_event_ = event.entry;
  }
}

void RedisDispatcher::handle(const RedisBoard::Event& event) {
  if (event.kind == "end") return end(event.job, event.text);
  const auto dispatched = find(event.job);
  if (!dispatched) return;
  if (event.kind == "progress") queue_.report(event.job, parse_progress(event.text));
  if (event.kind == "need") send_file(*dispatched, event.text);
  if (event.kind != "preview") return;
  if (auto preview = board_.preview(event.job)) queue_.show(event.job, std::move(*preview));
}

void RedisDispatcher::send_file(const Dispatched& dispatched, const std::string& sha256) {
  const auto file = dispatched.parcel.files.find(sha256);
  const auto bytes = file == dispatched.parcel.files.end() ? std::nullopt : file_content(file->second);
  if (!bytes) return call_off(dispatched, {JobState::kFailed, "a picture of this job is gone; upload it again"});
  if (bytes->size() > RedisBoard::kMostBytes)
    return call_off(dispatched,
                    {JobState::kFailed, "a picture is too large to travel to a worker; give all one --data folder"});
  put_file(sha256, *bytes);
}

void RedisDispatcher::put_file(const std::string& sha256, const std::string& bytes) {
  board_.put_file(sha256, bytes);
  const std::lock_guard lock(mutex_);
  sent_.insert(sha256);
}

std::vector<RedisDispatcher::Dispatched> RedisDispatcher::all() {
  const std::lock_guard lock(mutex_);
  std::vector<Dispatched> all;
  for (const auto& [id, dispatched] : dispatched_) all.push_back(dispatched);
  return all;
}

/// Finds what was missed while Redis was away, and offers again what it has lost.
void RedisDispatcher::look_after(const Dispatched& dispatched) {
  const auto& id = dispatched.job.id;
  const auto posted = board_.look(id, name_);
  if (posted.state == RedisBoard::State::kOver) return end(id, posted.end);
  const bool known = posted.state != RedisBoard::State::kUnknown;
  const auto now = Clock::now();
  const bool was_known = dispatched.missing == Clock::time_point{};
  if (!known && (!dispatched.offered || (!was_known && now - dispatched.missing > options_.lease / 2))) {
    board_.offer(id, dispatched.message, name_);
    update(id, [](Dispatched& kept) { kept.offered = true, kept.missing = {}; });
  } else if (known != was_known) {
    update(id, [&](Dispatched& kept) { kept.missing = known ? Clock::time_point{} : now; });
  }
}

/// A job has ended elsewhere. One that is not known any more was cancelled, or this has been heard before.
void RedisDispatcher::end(const std::string& id, const std::string& text) {
  const auto dispatched = find(id);
  if (!dispatched) return board_.forget(id);
  RemoteEnd remote;
  try {
    remote = parse_end(text);
  } catch (const Error& error) {
    remote.end = {JobState::kFailed, error.what()};
  }
  if (remote.end.state == JobState::kDone) {
    const auto bytes = remote.in_queue ? board_.result(id) : std::nullopt;
    const bool there = (!remote.in_queue || bytes) && home_.keep(dispatched->job, remote.end, bytes);
    if (!there) return count_loss(*dispatched);
  }
  apply(*dispatched, remote.end);
  board_.forget(id);
}

/// A network file system may show a file late; what does not come at all is painted again.
void RedisDispatcher::count_loss(const Dispatched& dispatched) {
  const auto& id = dispatched.job.id;
  update(id, [](Dispatched& kept) { ++kept.losses; });
  const int losses = dispatched.losses + 1;
  if (losses == kMostLosses) return board_.forget(id);
  if (losses >= 2 * kMostLosses)
    call_off(dispatched, {JobState::kFailed,
                          "the result did not arrive from the worker; check that its --data is the server's folder"});
}

/// Ends a job in the store, once.
void RedisDispatcher::apply(const Dispatched& dispatched, const JobEnd& end) {
  const auto& id = dispatched.job.id;
  queue_.finish(id, end);
  {
    const std::lock_guard lock(mutex_);
    dispatched_.erase(id);
    wake_.notify_all();
  }
  let_files_go(dispatched);
  home_.ended(dispatched.job, end, std::chrono::duration<double>(Clock::now() - dispatched.start).count());
}

/// Files that no other job needs; a worker that misses one after all asks for it.
void RedisDispatcher::let_files_go(const Dispatched& dispatched) {
  const std::lock_guard lock(mutex_);
  for (const auto& [sha256, file] : dispatched.parcel.files) {
    const bool needed = std::any_of(dispatched_.begin(), dispatched_.end(),
                                    [&](const auto& other) { return other.second.parcel.files.contains(sha256); });
    if (!needed && sent_.erase(sha256) == 1) unneeded_.insert(sha256);
  }
}

/// Ends a job at once, whatever Redis and the worker do; it is forgotten there when the worker has stopped.
void RedisDispatcher::call_off(const Dispatched& dispatched, const JobEnd& end) {
  apply(dispatched, end);
  called_off_.insert(dispatched.job.id);
}

void RedisDispatcher::tidy_up_there() {
  for (; !called_off_.empty(); called_off_.erase(called_off_.begin())) {
    const auto& id = *called_off_.begin();
    if (!board_.cancel(id, to_text(RemoteEnd{JobEnd{JobState::kCancelled}}))) board_.forget(id);
  }
  for (; !unneeded_.empty(); unneeded_.erase(unneeded_.begin())) board_.drop_file(*unneeded_.begin());
}

void RedisDispatcher::note_cancelled() {
  const auto changes = queue_.changes();
  if (changes == seen_) return;
  seen_ = changes;
  for (const auto& dispatched : all()) {
    const auto stored = store_.find(dispatched.job.id);
    if (!stored || stored->cancelled) call_off(dispatched, {JobState::kCancelled});
  }
}

}  // namespace atelier::jobs
