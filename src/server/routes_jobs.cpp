#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/printable.h"
#include "media/encode_image.h"
#include "media/image_file.h"
#include "server/exchange.h"
#include "server/job_request.h"
#include "server/refusal.h"

namespace atelier::server {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kMostKey = 100;        // characters of an Idempotency-Key
constexpr std::int64_t kJobSpace = 4 << 20;  // about a picture; the exact size is known when it is done
constexpr int kPreviewSide = 512;

/// When a place in the queue will probably be free, in seconds.
int retry_after(Studio& studio) {
  constexpr double kShortest = 1, kLongest = 600;
  return static_cast<int>(std::ceil(std::clamp(studio.jobs().typical_seconds(), kShortest, kLongest)));
}

void require_room(Exchange& exchange) {
  auto& studio = exchange.studio;
  const auto most = studio.options().queue_length;
  if (studio.jobs().waiting() >= most)
    throw Refusal(429, "the queue is full; try again in a moment", retry_after(studio));
  // Where several share the studio, nobody may fill the whole queue.
  if (exchange.viewer && studio.jobs().waiting(exchange.client) >= std::max<std::int64_t>(1, most / 2))
    throw Refusal(429, "too many of your jobs wait; try again when one is done", retry_after(studio));
}

std::optional<std::string> idempotency_key(const Exchange& exchange) {
  if (!exchange.request.has_header("Idempotency-Key")) return std::nullopt;
  const auto key = exchange.request.get_header_value("Idempotency-Key");
  require(!key.empty() && key.size() <= kMostKey,
          "the Idempotency-Key is empty or too long; send 1 to " + std::to_string(kMostKey) + " characters");
  return key;
}

std::optional<jobs::Job> same_job(Studio& studio, const jobs::NewJob& wanted) {
  try {
    return studio.jobs().find_same(wanted);
  } catch (const Error& error) {
    throw Refusal(error.kind() == ErrorKind::kBadRequest ? 409 : 500, error.what());
  }
}

void create(Exchange& exchange) {
  auto& studio = exchange.studio;
  if (!exchange.request.get_header_value("Content-Type").starts_with("application/json"))
    throw Refusal(415, "the body is no JSON; send it as Content-Type: application/json");
  jobs::NewJob wanted = checked_job(studio, exchange.viewer.value_or(""), exchange.request.body);
  wanted.client = exchange.client;
  wanted.key = idempotency_key(exchange);
  if (const auto known = same_job(studio, wanted)) return exchange.answer(job_json(studio, *known), 202);
  require_room(exchange);
  studio.require_space(kJobSpace);
  const auto [job, is_new] = studio.jobs().add(wanted);
  if (is_new) studio.queue().offer(job);
  exchange.answer(job_json(studio, job), 202);
}

void list(Exchange& exchange) {
  const int limit = exchange.number("limit", 50, 1, 200);
  ordered_json jobs = ordered_json::array();
  for (const auto& job :
       exchange.studio.jobs().list(limit, exchange.request.get_param_value("before"), exchange.viewer))
    jobs.push_back(job_json(exchange.studio, job));
  exchange.answer({{"jobs", jobs}});
}

void show(Exchange& exchange) { exchange.answer(job_json(exchange.studio, exchange.job())); }

void cancel(Exchange& exchange) {
  const auto job = exchange.job();
  if (!exchange.studio.queue().cancel(job.id)) throw Refusal(409, "the job is over; delete it if it shall go");
  exchange.answer(job_json(exchange.studio, *exchange.studio.jobs().find(job.id)), 202);
}

void remove(Exchange& exchange) {
  const auto job = exchange.job();
  if (!exchange.studio.remove_job(job.id)) throw Refusal(409, "the job is not over; cancel it first");
  exchange.response.status = 204;
}

jobs::Job done_job(const Exchange& exchange) {
  const auto job = exchange.job();
  if (!job.result)
    throw Refusal(409, "the job has no picture (it is " + std::string(name_of(job.state)) + "); wait until it is done");
  return job;
}

void preview(Exchange& exchange) {
  const auto job = exchange.job();
  const auto live = exchange.studio.queue().live(job.id);
  if (live && live->preview_number > 0) return exchange.answer_picture(live->preview, "image/jpeg", false);
  if (!job.result) throw Refusal(404, "there is no preview yet; wait for the event \"preview\"");
  ReadOptions options;
  options.max_side = exchange.number("side", kPreviewSide, 16, 2048);
  WriteOptions small;
  small.quality = 85;
  small.bits = 8;
  small.strip = true;
  const Image image = read_image(exchange.studio.result_file(job.id).string(), options);
  exchange.answer_picture(encode_image("preview.jpg", image, small), "image/jpeg", false);
}

struct Format {
  const char* name;
  const char* extension;
  const char* type;
};

constexpr Format kFormats[] = {
    {"png", ".png", "image/png"}, {"jpeg", ".jpg", "image/jpeg"}, {"webp", ".webp", "image/webp"}};

const Format& wanted_format(const Exchange& exchange) {
  const auto name = exchange.request.has_param("format") ? exchange.request.get_param_value("format") : "png";
  for (const auto& format : kFormats)
    if (name == format.name) return format;
  throw Error("there is no format " + printable(name) + "; choose png, jpeg or webp");
}

/// The recipe's output is how the client would call the picture; ASCII, as the header needs it.
std::string file_name(const std::string& recipe, const Format& format) {
  const json parsed = json::parse(recipe, nullptr, false);
  const auto output = parsed.is_object() ? parsed.value("output", "picture.png") : "picture.png";
  return one_line(std::filesystem::path(output).stem().string()) + format.extension;
}

void result(Exchange& exchange) {
  const auto job = done_job(exchange);
  const auto& format = wanted_format(exchange);
  const auto file = exchange.studio.result_file(job.id).string();
  const auto recipe = read_recipe(file).value_or("");
  if (exchange.request.get_param_value("download") == "1") {
    auto name = file_name(recipe, format);
    std::erase_if(name, [](char c) { return c == '"' || c == '\\' || c == '?'; });
    exchange.response.set_header("Content-Disposition", "attachment; filename=\"" + name + "\"");
  }
  if (std::string_view(format.name) == "png") return exchange.answer_file(file, format.type, true);
  const auto settings = json::parse(job.request).value("settings", json::object());
  WriteOptions options;
  options.recipe = recipe;
  if (settings.contains("quality"))
    options.quality = std::stoi(settings["quality"].is_string() ? settings["quality"].get<std::string>()
                                                                : settings["quality"].dump());
  exchange.answer_picture(encode_image(std::string("picture") + format.extension, read_image(file), options),
                          format.type, true);
}

}  // namespace

std::vector<Route> job_routes() {
  return {{"POST", "/api/jobs", create},
          {"GET", "/api/jobs", list},
          {"GET", "/api/jobs/{id}", show},
          {"DELETE", "/api/jobs/{id}", remove},
          {"POST", "/api/jobs/{id}/cancel", cancel},
          {"GET", "/api/jobs/{id}/events", answer_events},
          {"GET", "/api/jobs/{id}/preview", preview},
          {"GET", "/api/jobs/{id}/result", result}};
}

}  // namespace atelier::server
