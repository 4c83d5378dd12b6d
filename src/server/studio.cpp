#include "server/studio.h"

#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "core/json_text.h"
#include "jobs/random_id.h"
#include "media/image_file.h"
#include "server/refusal.h"

namespace atelier::server {
namespace {

namespace fs = std::filesystem;

constexpr double kDay = 24 * 60 * 60;
constexpr std::uintmax_t kFreeDisk = std::uintmax_t{100} << 20;  // left for the job store and what else runs here

/// "2026-11-21T12:34:56.789Z"
std::string timestamp() {
  const double now = jobs::unix_time();
  const auto seconds = static_cast<std::time_t>(now);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[32], fraction[8];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>((now - static_cast<double>(seconds)) * 1000));
  return std::string(text) + fraction;
}

void make(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw Error("cannot create \"" + folder.string() + "\": " + error.message() + "; give another --data folder",
                ErrorKind::kFailure);
}

/// The result of a job that was killed between writing it and saying so; write_image() leaves whole files only.
std::optional<jobs::JobResult> result_in(const fs::path& file) {
  std::error_code error;
  const auto bytes = fs::file_size(file, error);
  if (error) return std::nullopt;
  try {
    const Image image = read_image(file.string());
    return jobs::JobResult{image.width, image.height, static_cast<std::int64_t>(bytes)};
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

bool is_loopback(const std::string& address) {
  return address == "localhost" || address == "::1" || address == "[::1]" || address.starts_with("127.");
}

FolderLock::FolderLock(const fs::path& folder) : lock_((make(folder), folder / "lock")) {
  if (!lock_.held())
    throw Error("the folder \"" + folder.string() +
                    "\" is in use by another `atelier serve`; stop that or give another --data",
                ErrorKind::kFailure);
}

Studio::Studio(ServerOptions options)
    : options_(std::move(options)),
      lock_(options_.data),
      database_(options_.data / "jobs.sqlite"),
      jobs_(database_),
      pictures_(database_, options_.data / "pictures"),
      queue_(jobs_) {
  make(options_.data / "results");
  make(work_folder());
  const int running = jobs_.recover([&](const jobs::Job& job) { return result_in(result_file(job.id)); });
  if (running > 0) log("warning", "recovered", {{"jobs", running}});
  sweep();
}

fs::path Studio::result_file(const std::string& job) const { return options_.data / "results" / (job + ".png"); }

std::vector<StyleCard> Studio::styles() {
  const std::lock_guard lock(styles_mutex_);
  if (!styles_known_) styles_ = list_styles();
  styles_known_ = true;
  return styles_;
}

void Studio::forget_styles() {
  const std::lock_guard lock(styles_mutex_);
  styles_known_ = false;
}

bool Studio::remove_job(const std::string& id) {
  const auto unused = jobs_.remove(id);
  if (!unused) return false;
  for (const auto& picture : *unused) pictures_.remove(picture);
  std::error_code ignored;
  fs::remove(result_file(id), ignored);
  return true;
}

std::int64_t Studio::bytes_used() { return pictures_.bytes() + jobs_.result_bytes(); }

void Studio::require_space(std::int64_t more) {
  if (bytes_used() + more > options_.quota)
    throw Refusal(507, "the studio's disk quota is used up; delete pictures from the history, or start it with a larger --quota");
  std::error_code error;
  const auto disk = fs::space(options_.data, error);
  if (!error && disk.available < kFreeDisk + static_cast<std::uintmax_t>(more))
    throw Refusal(507, "the disk is nearly full; free some space");
}

void Studio::clean_up() {
  const double now = jobs::unix_time();
  for (const auto& id : jobs_.over_since(now - options_.keep_days * kDay)) remove_job(id);
  pictures_.remove_unused(now - kDay);
}

/// Removes files that a crash has left without a row.
void Studio::sweep() {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(work_folder(), ignored)) fs::remove_all(entry.path(), ignored);
  // Files beside a database without any job are not what a crash has left: the database was lost, and they are all
  // that remains of it.
  if (jobs_.list(1, "", std::nullopt).empty()) return clean_up();
  for (const auto& entry : fs::directory_iterator(options_.data / "results", ignored)) {
    const auto job = jobs_.find(entry.path().stem().string());
    const bool may_be_wanted = job && (job->state == jobs::JobState::kDone || !is_over(job->state));
    if (!may_be_wanted) fs::remove(entry.path(), ignored);
  }
  pictures_.remove_strays();
  clean_up();
}

void Studio::log(const char* level, const char* event, const nlohmann::ordered_json& fields) const {
  if (!options_.log) return;
  nlohmann::ordered_json line = {{"time", timestamp()}, {"level", level}, {"event", event}};
  line.update(fields);
  options_.log(json_text(line));
}

}  // namespace atelier::server
