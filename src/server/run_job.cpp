#include "server/run_job.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "atelier/method_list.h"
#include "core/out_of_memory.h"
#include "core/printable.h"
#include "media/encode_image.h"
#include "media/image_file.h"
#include "server/job_request.h"
#include "stylize/memory_plan.h"

namespace atelier::server {
namespace {

namespace fs = std::filesystem;
using jobs::JobEnd;
using jobs::JobState;
using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr int kDraftSide = 256;
constexpr int kPreviewQuality = 85;

std::string as_jpeg(const Image& image) {
  WriteOptions options;
  options.quality = kPreviewQuality;
  options.bits = 8;
  options.strip = true;
  return encode_image("preview.jpg", image, options);
}

/// Passes a method's progress on to the queue, with a preview at most every second and never for more than a tenth of
/// the time.
class Teller {
 public:
  Teller(jobs::JobQueue& queue, const jobs::Job& job, const std::atomic<bool>& stopping)
      : queue_(queue), job_(job), stopping_(stopping) {}

  bool operator()(const Progress& progress) {
    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    if (!progress.stage.empty() || progress.steps > 0)
      last_ = {progress.stage, progress.step, progress.steps, seconds, progress.seconds_left};
    if (progress.preview && Clock::now() >= due_) show(progress.preview());
    go_on_ = queue_.report(job_.id, last_) && !stopping_;
    return go_on_;
  }
  /// Progress of the draft: only whether to go on matters.
  bool go_on() {
    go_on_ = queue_.report(job_.id, {"draft"}) && !stopping_;
    return go_on_;
  }
  void show(const Image& image) {
    const auto start = Clock::now();
    queue_.show(job_.id, as_jpeg(image));
    const auto now = Clock::now();
    due_ = now + std::max<Clock::duration>(std::chrono::seconds(1), 9 * (now - start));
  }

 private:
  jobs::JobQueue& queue_;
  const jobs::Job& job_;
  const std::atomic<bool>& stopping_;
  jobs::JobProgress last_;
  Clock::time_point start_ = Clock::now(), due_ = start_ + std::chrono::seconds(1);
  bool go_on_ = true;
};

/// Methods that apply a trained network take about as long as a picture is large; the others optimise for minutes
/// whatever the size, and stream previews instead.
bool is_fast(const std::string& method) {
  const auto takes = describe_method(method).takes;
  return takes != "pictures" || method == chosen_method({});
}

int longer_side(Studio& studio, const json& posted, const Request& request) {
  if (request.size > 0) return request.size;
  const auto photo = studio.pictures().find(posted.at("content").get<std::string>());
  return photo ? std::max(photo->width, photo->height) : 0;
}

void show_draft(Studio& studio, Request request, Teller& teller) {
  request.output = (studio.work_folder() / (fs::path(request.output).stem().string() + "-draft.png")).string();
  request.size = kDraftSide;
  request.style_size = std::min(request.style_size, kDraftSide);
  try {
    stylize(request, [&](const Progress&) { return teller.go_on(); });
    teller.show(read_image(request.output));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kStopped) throw;  // another fault will show itself at full size
  }
  std::error_code ignored;
  fs::remove(request.output, ignored);
}

/// "harbour.jpg" and "great-wave" make "harbour-great-wave.png".
std::string result_name(Studio& studio, const json& posted) {
  const auto name_of = [&](const json& id) {
    const auto picture = studio.pictures().find(id.get<std::string>());
    return picture ? fs::path(picture->name).stem().string() : "picture";
  };
  const auto& style = posted.at("styles").at(0);
  std::string name = style.contains("name") ? style["name"].get<std::string>() : name_of(style.at("picture"));
  std::replace(name.begin(), name.end(), '/', '-');
  return name_of(posted.at("content")) + "-" + name + ".png";
}

/// Moves a finished picture to where results are kept; its recipe then names files as the client does.
jobs::JobResult publish(Studio& studio, const jobs::Job& job, const json& posted, const Request& request) {
  auto names = client_names(studio, posted);
  names[request.output] = result_name(studio, posted);
  const Image image = read_image(request.output);
  WriteOptions options;
  options.strip = request.strip;
  options.source_profile = request.source_profile;
  const auto recipe = json::parse(read_recipe(request.output).value_or("{}"));
  options.recipe = with_texts_replaced(recipe, names).dump();
  const auto file = studio.result_file(job.id);
  write_image(file.string(), image, options);
  return {image.width, image.height, static_cast<std::int64_t>(fs::file_size(file))};
}

JobEnd paint(Studio& studio, const jobs::Job& job, Teller& teller, int threads) {
  const json posted = json::parse(job.request);
  Request request = stylize_request(studio, posted);
  request.output = (studio.work_folder() / (job.id + ".png")).string();
  request.threads = threads;
  const bool watched = posted.value("draft", true);
  if (watched && is_fast(chosen_method(request)) && longer_side(studio, posted, request) > kDraftSide)
    show_draft(studio, request, teller);
  stylize(request, [&](const Progress& progress) { return teller(progress); });
  const auto result = publish(studio, job, posted, request);
  std::error_code ignored;
  fs::remove(request.output, ignored);
  return {JobState::kDone, "", result};
}

JobEnd teach(Studio& studio, const jobs::Job& job, Teller& teller, int threads) {
  NewStyle style = teach_request(studio, json::parse(job.request));
  style.threads = threads;
  add_style(style, [&](const Progress& progress) { return teller(progress); });
  studio.forget_styles();
  return {JobState::kDone};
}

std::string reason(Studio& studio, const jobs::Job& job, const std::string& what) {
  return with_client_names(first_line(what), client_names(studio, json::parse(job.request)));
}

}  // namespace

std::uint64_t memory_of(Studio& studio, const jobs::Job& job) {
  constexpr std::uint64_t kTeaching = std::uint64_t{2} << 30;
  if (job.kind == "teach") return kTeaching;
  try {
    return planned_memory(stylize_request(studio, json::parse(job.request)));
  } catch (const std::exception&) {  // run_job() meets it again, and says so
    return 0;
  }
}

std::optional<JobEnd> run_job(Studio& studio, jobs::JobQueue& queue, const jobs::Job& job,
                              const std::atomic<bool>& stopping, int threads) {
  Teller teller(queue, job, stopping);
  try {
    return job.kind == "teach" ? teach(studio, job, teller, threads) : paint(studio, job, teller, threads);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kStopped) return JobEnd{JobState::kFailed, reason(studio, job, error.what())};
    if (stopping) return std::nullopt;
    return JobEnd{JobState::kCancelled};
  } catch (const std::exception& error) {
    if (out_of_memory(error)) return JobEnd{JobState::kFailed, "the memory does not suffice; choose a smaller size"};
    return JobEnd{JobState::kFailed, "unexpected fault: " + reason(studio, job, error.what()) + "; please report it"};
  }
}

}  // namespace atelier::server
