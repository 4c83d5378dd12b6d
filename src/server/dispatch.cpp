#include "server/dispatch.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/sha256.h"
#include "jobs/random_id.h"
#include "weights/data_folder.h"

namespace atelier::server {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

void write_file(const fs::path& target, const std::string& bytes) {
  make_folder(target.parent_path());
  AtomicFile file(target);
  file.write(bytes);
  file.commit();
}

fs::path style_file(const std::string& name) { return style_folder() / (name + ".safetensors"); }

}  // namespace

Dispatch::Dispatch(Studio& studio)
    : studio_(studio),
      dispatcher_(jobs::parse_redis_url(studio.options().queue), studio.jobs(), studio.queue(), *this,
                  {studio.options().lease}) {}

Dispatch::Parcel Dispatch::pack(const jobs::Job& job) {
  Parcel parcel{{job.id, job.kind, job.request, {}, {}}, {}};
  const auto posted = json::parse(job.request).flatten();
  for (const auto& value : posted) {
    if (!value.is_string() || !jobs::is_id(value.get<std::string>())) continue;
    const auto picture = studio_.pictures().find(value.get<std::string>());
    if (!picture) continue;
    parcel.message.pictures.push_back(*picture);
    parcel.files[picture->sha256] = studio_.pictures().file_of(*picture);
  }
  for (const auto& card : studio_.styles()) {
    const bool named = std::any_of(posted.begin(), posted.end(), [&](const json& value) { return value == card.name; });
    if (!named || card.embedded() || card.file != style_file(card.name)) continue;
    const auto sha256 = sha256_file(card.file);
    parcel.message.styles[card.name] = sha256;
    parcel.files[sha256] = card.file;
  }
  return parcel;
}

bool Dispatch::keep(const jobs::Job& job, const jobs::JobEnd& end, const std::optional<std::string>& bytes) {
  if (job.kind == "teach") {
    if (bytes) write_file(style_file(json::parse(job.request).at("name").get<std::string>()), *bytes);
    studio_.forget_styles();
    return bytes.has_value();
  }
  const auto file = studio_.result_file(job.id);
  if (bytes) write_file(file, *bytes);
  std::error_code error;
  const auto size = fs::file_size(file, error);
  return !error && end.result && size == static_cast<std::uintmax_t>(end.result->bytes);
}

void Dispatch::ended(const jobs::Job& job, const jobs::JobEnd& end, double seconds) {
  studio_.counters().count_job(job.kind, name_of(end.state), seconds);
  nlohmann::ordered_json fields = {{"job", job.id}, {"state", name_of(end.state)}, {"seconds", seconds}};
  if (!end.error.empty()) fields["error"] = end.error;
  studio_.log(end.state == jobs::JobState::kFailed ? "warning" : "info", "job ended", fields);
}

void Dispatch::say(const char* level, const std::string& text) { studio_.log(level, "queue", {{"message", text}}); }

}  // namespace atelier::server
