#include "server/exchange.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/json_text.h"
#include "core/printable.h"
#include "jobs/random_id.h"
#include "media/encode_image.h"
#include "server/refusal.h"

namespace atelier::server {
namespace {

using nlohmann::ordered_json;

constexpr const char* kKeep = "private, max-age=31536000, immutable";
/// In place of "no-store", which answers carry else.
void keep_it(httplib::Response& response) {
  response.headers.erase("Cache-Control");
  response.set_header("Cache-Control", kKeep);
}

constexpr std::size_t kChunk = 64 << 10;
constexpr std::size_t kMostMessage = 1000;  // bytes

}  // namespace

jobs::Job Exchange::job() const {
  const auto job = studio.jobs().find(part(0));
  if (!job || (viewer && job->client != *viewer))
    throw Refusal(404, "there is no job " + printable(part(0)) + "; see /api/jobs");
  return *job;
}

jobs::Picture Exchange::picture() const {
  const auto picture = studio.pictures().find(part(0));
  if (!picture || (viewer && picture->client != *viewer))
    throw Refusal(404, "there is no picture " + printable(part(0)) + "; upload it again");
  return *picture;
}

int Exchange::number(const std::string& name, int missing, int lowest, int highest) const {
  if (!request.has_param(name)) return missing;
  const auto text = request.get_param_value(name);
  int value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  require(fault == std::errc() && end == text.data() + text.size() && value >= lowest && value <= highest,
          "\"" + name + "\" cannot be " + printable(text) + "; give a whole number from " + std::to_string(lowest) +
              " to " + std::to_string(highest));
  return value;
}

void Exchange::answer(const ordered_json& body, int status) {
  response.status = status;
  response.set_content(json_text(body), "application/json");
}

void Exchange::answer_text(const std::string& body, const char* type) { response.set_content(body, type); }

void Exchange::answer_picture(std::string bytes, const char* type, bool keep) {
  if (keep) keep_it(response);
  response.body = std::move(bytes);
  response.set_header("Content-Type", type);
}

void Exchange::answer_file(const std::filesystem::path& file, const char* type, bool keep) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  const auto stream = std::make_shared<std::ifstream>(file, std::ios::binary);
  if (error || !*stream) throw Refusal(404, "the picture's file is gone; make it anew");
  if (keep) keep_it(response);
  response.set_content_provider(size, type, [stream](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
    std::vector<char> chunk(std::min(length, kChunk));
    stream->seekg(static_cast<std::streamoff>(offset));
    stream->read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    return stream->gcount() > 0 && sink.write(chunk.data(), static_cast<std::size_t>(stream->gcount()));
  });
}

std::vector<Route> all_routes() {
  std::vector<Route> all;
  for (const auto& some : {catalogue_routes(), picture_routes(), job_routes(), view_routes(), system_routes()})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

ordered_json job_json(Studio& studio, const jobs::Job& job) {
  const auto live = studio.queue().live(job.id);
  const auto time = [](double value) { return value > 0 ? ordered_json(value) : ordered_json(nullptr); };
  ordered_json progress = nullptr, result = nullptr;
  if (live && live->progress && job.state == jobs::JobState::kRunning)
    progress = {{"stage", live->progress->stage},
                {"step", live->progress->step},
                {"steps", live->progress->steps},
                {"seconds", live->progress->seconds},
                {"seconds_left", time(live->progress->seconds_left)}};
  if (job.result) result = {{"width", job.result->width}, {"height", job.result->height}, {"bytes", job.result->bytes}};
  const bool waits = job.state == jobs::JobState::kQueued;
  const double until = job.finished > 0 ? job.finished : jobs::unix_time();
  return {{"id", job.id},
          {"kind", job.kind},
          {"state", name_of(job.state)},
          {"created", job.created},
          {"started", time(job.started)},
          {"finished", time(job.finished)},
          {"position", waits ? studio.jobs().position(job.id) : 0},
          {"attempts", job.attempts},
          {"request", ordered_json::parse(job.request)},
          {"progress", progress},
          {"error", job.error.empty() ? ordered_json(nullptr) : ordered_json(job.error)},
          {"result", result},
          {"preview", job.result.has_value() || (live && live->preview_number > 0)},
          {"seconds", job.started > 0 ? until - job.started : 0.0}};
}

std::string error_json(const std::string& message) {
  return ordered_json{{"error", one_line_utf8(message, kMostMessage)}}.dump();
}

std::pair<std::string, const char*> as_browser_picture(const Image& image) {
  WriteOptions options;
  options.quality = 88;
  options.bits = 8;
  options.strip = true;
  if (image.has_alpha()) return {encode_image("picture.png", image, options), "image/png"};
  return {encode_image("picture.jpg", image, options), "image/jpeg"};
}

}  // namespace atelier::server
