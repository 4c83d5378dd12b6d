#include "server/worker.h"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "core/atomic_file.h"
#include "core/file_content.h"
#include "core/sha256.h"
#include "server/job_request.h"
#include "server/runners.h"
#include "server/studio.h"
#include "weights/data_folder.h"

namespace atelier::server {
namespace {

namespace fs = std::filesystem;
using jobs::Job;
using jobs::JobEnd;
using jobs::JobMessage;
using jobs::JobState;
using nlohmann::json;

constexpr std::uint64_t kMaxPixels = 400'000'000;  // the server has checked its own limit
constexpr std::size_t kKeptPictures = 64;

std::string content_of(const fs::path& file) {
  if (auto bytes = file_content(file)) return *std::move(bytes);
  throw Error("cannot read \"" + file.string() + "\"; check the worker's --data folder", ErrorKind::kFailure);
}

void write_file(const fs::path& target, const std::string& bytes) {
  make_folder(target.parent_path());
  AtomicFile file(target);
  file.write(bytes);
  file.commit();
}

fs::path style_file(const std::string& name) { return style_folder() / (name + ".safetensors"); }

bool is_there(const fs::path& file, std::int64_t bytes) {
  std::error_code error;
  return fs::file_size(file, error) == static_cast<std::uintmax_t>(bytes) && !error;
}

/// Whatever it is, the job must end: nobody else would end it as long as this worker holds it.
std::string reason(const std::exception& error) {
  if (dynamic_cast<const Error*>(&error) != nullptr) return error.what();
  return std::string("a worker could not bring what this job needs, or what it made (") + error.what() +
         "); try again, and see that the server and all workers are of one version";
}

/// Pictures of jobs in the worker's own store: kept a while, because people paint one photo in several styles.
class Cupboard {
 public:
  explicit Cupboard(jobs::PictureStore& store) : store_(store) {}

  /// The id here of a picture that is there already; it stays until give_back().
  std::optional<std::string> borrow(const std::string& sha256) {
    const std::lock_guard lock(mutex_);
    const auto found = find(sha256);
    if (found == kept_.end()) return std::nullopt;
    ++found->users;
    return found->id;
  }
  /// Puts one in, and borrows it.
  std::string put(const jobs::Picture& picture, const std::string& bytes) {
    auto added = store_.add(picture, bytes);
    if (added.sha256 != picture.sha256) {
      store_.remove(added.id);
      throw Error("a picture was damaged on its way to the worker; try again", ErrorKind::kFailure);
    }
    const std::lock_guard lock(mutex_);
    kept_.push_back({added.sha256, added.id, 1});
    return added.id;
  }
  void give_back(const std::string& id) {
    const std::lock_guard lock(mutex_);
    for (auto& kept : kept_)
      if (kept.id == id) --kept.users;
    for (auto kept = kept_.begin(); kept != kept_.end() && kept_.size() > kKeptPictures;) {
      if (kept->users == 0) store_.remove(kept->id);
      kept = kept->users == 0 ? kept_.erase(kept) : std::next(kept);
    }
  }

 private:
  struct Kept {
    std::string sha256, id;
    int users = 0;
  };
  std::deque<Kept>::iterator find(const std::string& sha256) {
    return std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) { return kept.sha256 == sha256; });
  }

  jobs::PictureStore& store_;
  std::mutex mutex_;
  std::deque<Kept> kept_;
};

/// The queue as Runners see it: what a job needs is brought to the worker's own studio first, and what it has made is
/// brought to the server before the end is told.
class CarryingQueue : public jobs::JobQueue {
 public:
  CarryingQueue(jobs::RedisQueue& queue, Studio& studio, fs::path data)
      : queue_(queue), studio_(studio), cupboard_(studio.pictures()), data_(std::move(data)) {}

  void offer(const Job& job) override { queue_.offer(job); }
  bool report(const std::string& id, const jobs::JobProgress& progress) override { return queue_.report(id, progress); }
  void show(const std::string& id, std::string preview) override { queue_.show(id, std::move(preview)); }
  void stop() override { queue_.stop(); }

  std::optional<Job> take(std::chrono::milliseconds patience) override {
    auto job = queue_.take(patience);
    if (!job) return std::nullopt;
    try {
      if (bring(*job)) return job;
      const bool called_off = !queue_.report(job->id, {"fetching"});
      called_off ? finish(job->id, {JobState::kCancelled}) : give_back(job->id);
    } catch (const std::exception& error) {
      finish(job->id, {JobState::kFailed, reason(error)});
    }
    return std::nullopt;
  }

  void finish(const std::string& id, const JobEnd& end) override {
    const auto errand = close(id);
    std::error_code ignored;
    try {
      if (end.state == JobState::kDone) deliver(id, errand);
      queue_.finish(id, end);
    } catch (const std::exception& error) {
      queue_.finish(id, {JobState::kFailed, reason(error)});
    }
    fs::remove(studio_.result_file(id), ignored);
  }

  void give_back(const std::string& id) override {
    close(id);
    queue_.give_back(id);
  }

 private:
  struct Errand {
    std::vector<std::string> pictures;  ///< borrowed from the cupboard
    std::string style;                  ///< that is being taught; empty: none
    bool shared = false;                ///< the data folder is the server's
  };

  /// False when the job is not to be gone on with.
  bool bring(Job& job) {
    const auto message = queue_.message(job.id);
    Errand errand;
    errand.shared = is_shared(message);
    auto posted = json::parse(job.request);
    if (job.kind == "teach") errand.style = posted.at("name").get<std::string>();
    std::map<std::string, std::string> names;
    for (const auto& picture : message.pictures) {
      const auto id = bring(job, picture, errand);
      if (id) errand.pictures.push_back(names[picture.id] = *id);
      open(job.id, errand);
      if (!id) return false;
    }
    for (const auto& [name, sha256] : message.styles)
      if (!bring_style(job, name, sha256)) return false;
    job.request = with_texts_replaced(posted, names).dump();  // the ids of pictures as they are here
    return true;
  }

  std::optional<std::string> bring(const Job& job, const jobs::Picture& picture, const Errand& errand) {
    if (auto id = cupboard_.borrow(picture.sha256)) return id;
    if (errand.shared) return cupboard_.put(picture, content_of(data_ / "pictures" / picture.sha256));
    const auto bytes = queue_.fetch(job.id, picture.sha256);
    if (!bytes) return std::nullopt;
    return cupboard_.put(picture, *bytes);
  }

  bool bring_style(const Job& job, const std::string& name, const std::string& sha256) {
    check_valid_name("a style", name);
    if (fs::exists(style_file(name)) && sha256_file(style_file(name)) == sha256) return true;
    const auto bytes = queue_.fetch(job.id, sha256);
    if (bytes) write_file(style_file(name), *bytes);
    return bytes.has_value();
  }

  bool is_shared(const JobMessage& message) const {
    return !data_.empty() && !message.pictures.empty() &&
           std::all_of(message.pictures.begin(), message.pictures.end(), [&](const jobs::Picture& picture) {
             return is_there(data_ / "pictures" / picture.sha256, picture.bytes);
           });
  }

  void deliver(const std::string& id, const Errand& errand) {
    if (!errand.style.empty()) return queue_.keep_result(id, content_of(style_file(errand.style)));
    const auto file = studio_.result_file(id);
    const auto bytes = content_of(file);
    errand.shared ? write_file(data_ / "results" / file.filename(), bytes) : queue_.keep_result(id, bytes);
  }

  void open(const std::string& job, const Errand& errand) {
    const std::lock_guard lock(mutex_);
    errands_[job] = errand;
  }

  Errand close(const std::string& job) {
    Errand errand;
    {
      const std::lock_guard lock(mutex_);
      const auto found = errands_.find(job);
      if (found == errands_.end()) return errand;
      errand = found->second;
      errands_.erase(found);
    }
    for (const auto& picture : errand.pictures) cupboard_.give_back(picture);
    return errand;
  }

  jobs::RedisQueue& queue_;
  Studio& studio_;
  Cupboard cupboard_;
  const fs::path data_;
  std::mutex mutex_;
  std::map<std::string, Errand> errands_;
};

ServerOptions studio_options(const WorkerOptions& options) {
  ServerOptions studio;
  studio.data = options.scratch;
  studio.jobs_at_once = options.jobs_at_once;
  studio.threads = options.threads;
  studio.max_pixels = kMaxPixels;
  studio.log = options.log;
  return studio;
}

}  // namespace

class Worker::Parts {
 public:
  explicit Parts(const WorkerOptions& options)
      : studio_(studio_options(options)),
        redis_({options.queue, places(studio_.options()), options.lease,
                [this](const std::string& line) {
                  studio_.log("warning", "queue", {{"message", line}});
                }}),
        queue_(redis_, studio_, options.data),
        runners_(studio_, queue_) {
    studio_.log("info", "worker started", {{"queue", options.queue.shown()}, {"places", places(studio_.options())}});
  }
  ~Parts() { studio_.log("info", "worker stops", nlohmann::ordered_json::object()); }

 private:
  Studio studio_;
  jobs::RedisQueue redis_;
  CarryingQueue queue_;
  Runners runners_;
};

Worker::Worker(const WorkerOptions& options) : parts_(std::make_unique<Parts>(options)) {}
Worker::~Worker() = default;

}  // namespace atelier::server
