#include "server/remote_painter.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <span>
#include <thread>
#include <utility>

#include "atelier/error.h"
#include "media/decode_image.h"
#include "stylize/write_options.h"

namespace atelier::server {
namespace {

using jobs::JobState;
using nlohmann::json;
using std::chrono::milliseconds;

constexpr int kJobsPerPlace = 2;            // one is painted, one is on its way
constexpr milliseconds kGlance{100};        // between looks whether to stop
constexpr std::chrono::seconds kLonely{3};  // without a worker, until that is said
constexpr int kProof = 64;                  // decoding to this side reads every byte, and needs little memory

/// For its metadata; and a broken photo is found before it travels.
Image glimpse(const Request& request) {
  ReadOptions options;
  options.max_pixels = request.max_pixels;
  options.max_side = kProof;
  return read_image(request.content, options);
}

/// Version and hashes: what must agree for a picture to be the one that this machine would have painted.
json identity(const std::string& recipe) {
  json found;
  const auto flat = json::parse(recipe).flatten();
  for (const auto& [place, value] : flat.items())
    if (place == "/atelier" || place.ends_with("/sha256")) found[place] = value;
  return found;
}

void write_result(const Request& request, const Image& photo, const std::string& result) {
  const auto bytes = std::as_bytes(std::span(result));
  ReadOptions any_size;
  any_size.max_pixels = std::numeric_limits<std::uint64_t>::max();
  Image picture = decode_image(bytes, request.output, any_size);
  picture.metadata = photo.metadata;
  const auto options = write_options(request);
  if (identity(options.recipe) != identity(decode_recipe(bytes, request.output).value_or("{}")))
    throw Error("\"" + request.content +
                    "\" was painted by a worker of another version, or with other models; "
                    "let all workers be as this program is",
                ErrorKind::kFailure);
  write_image(request.output, picture, options);
}

jobs::RedisAddress reached(const jobs::RedisAddress& address) {
  jobs::RedisBoard(address).places();
  return address;
}

}  // namespace

RemotePainter::RemotePainter(const jobs::RedisAddress& queue, milliseconds lease)
    : database_(":memory:"),
      store_(database_),
      queue_(store_),
      dispatcher_(reached(queue), store_, queue_, *this, {lease, kJobsPerPlace, true}) {}

void RemotePainter::paint(const Request& request, const OnProgress& on_progress) {
  check_request(request);
  const Image photo = glimpse(request);
  const auto errand = await(post(Luggage(request)), on_progress);
  if (errand.end->state == JobState::kDone) return write_result(request, photo, errand.result);
  const bool failed = errand.end->state == JobState::kFailed;
  throw Error(failed ? errand.end->error : "the job was cancelled at the queue; start it again", ErrorKind::kFailure);
}

std::string RemotePainter::post(Luggage luggage) {
  const std::lock_guard lock(mutex_);
  const auto job = store_.add({"", "stylize", "", {}, {}}).first;
  errands_.emplace(job.id, Errand{std::move(luggage), {}, {}});
  queue_.offer(job);
  return job.id;
}

RemotePainter::Errand RemotePainter::await(const std::string& id, const OnProgress& on_progress) {
  for (Progress last;;) {
    auto progress = news(id);
    if (progress.stage == last.stage && progress.step == last.step)
      progress.stage.clear();
    else
      last = progress;
    if (on_progress && !on_progress(progress)) {
      withdraw(id);
      throw Error("stopped before the picture was finished; nothing was written", ErrorKind::kStopped);
    }
    std::unique_lock lock(mutex_);
    if (!wake_.wait_for(lock, kGlance, [&] { return errands_.at(id).end.has_value(); })) continue;
    lock.unlock();
    return close(id);
  }
}

RemotePainter::Errand RemotePainter::close(const std::string& id) {
  store_.remove(id);
  const std::lock_guard lock(mutex_);
  return std::move(errands_.extract(id).mapped());
}

/// Returns when it is known to all that the job is over.
void RemotePainter::withdraw(const std::string& id) {
  queue_.cancel(id);
  for (auto job = store_.find(id); job && !is_over(job->state); job = store_.find(id))
    std::this_thread::sleep_for(kGlance / 10);
  close(id);
}

std::string RemotePainter::next_note() {
  const std::lock_guard lock(mutex_);
  const bool lonely =
      dispatcher_.places() == 0 && !dispatcher_.away() && std::chrono::steady_clock::now() - start_ > kLonely;
  if (lonely && !std::exchange(lonely_told_, true))
    return "no worker has come yet; start `atelier worker` with the same --queue";
  if (notes_.empty()) return "";
  auto note = std::move(notes_.front());
  notes_.pop_front();
  return note;
}

Progress RemotePainter::news(const std::string& id) {
  Progress progress;
  progress.note = next_note();
  const auto live = queue_.live(id);
  if (!live || !live->progress) return progress;
  progress.stage = live->progress->stage;
  progress.step = live->progress->step;
  progress.steps = live->progress->steps;
  progress.seconds = live->progress->seconds;
  progress.seconds_left = live->progress->seconds_left;
  return progress;
}

jobs::DispatcherHome::Parcel RemotePainter::pack(const jobs::Job& job) {
  const std::lock_guard lock(mutex_);
  const auto errand = errands_.find(job.id);
  if (errand == errands_.end()) throw Error("the job was withdrawn; start it again", ErrorKind::kStopped);
  return errand->second.luggage.parcel(job.id);
}

bool RemotePainter::keep(const jobs::Job& job, const jobs::JobEnd&, const std::optional<std::string>& bytes) {
  if (!bytes) return false;
  const std::lock_guard lock(mutex_);
  if (const auto errand = errands_.find(job.id); errand != errands_.end()) errand->second.result = *bytes;
  return true;
}

void RemotePainter::ended(const jobs::Job& job, const jobs::JobEnd& end, double) {
  const std::lock_guard lock(mutex_);
  if (const auto errand = errands_.find(job.id); errand != errands_.end()) errand->second.end = end;
  wake_.notify_all();
}

void RemotePainter::say(const char*, const std::string& text) {
  const std::lock_guard lock(mutex_);
  notes_.push_back(text);
}

}  // namespace atelier::server
