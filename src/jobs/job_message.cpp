#include "jobs/job_message.h"

#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "core/json_text.h"

namespace atelier::jobs {
namespace {

using nlohmann::json;

/// What `read` makes of the JSON in `text`.
template <class Read>
auto parsed(const std::string& text, Read read) try {
  return read(json::parse(text));
} catch (const json::exception&) {
  throw Error(
      "the queue holds what is no message of this version; let `atelier serve` and all workers be of one version",
      ErrorKind::kFailure);
}

json to_json(const Picture& picture) {
  return {{"id", picture.id},       {"sha256", picture.sha256}, {"name", picture.name},
          {"width", picture.width}, {"height", picture.height}, {"bytes", picture.bytes}};
}

Picture to_picture(const json& value) {
  Picture picture;
  picture.id = value.at("id").get<std::string>();
  picture.sha256 = value.at("sha256").get<std::string>();
  picture.name = value.at("name").get<std::string>();
  picture.width = value.at("width").get<int>();
  picture.height = value.at("height").get<int>();
  picture.bytes = value.at("bytes").get<std::int64_t>();
  return picture;
}

}  // namespace

std::string to_text(const JobMessage& message) {
  json pictures = json::array();
  for (const auto& picture : message.pictures) pictures.push_back(to_json(picture));
  return json_text(json{{"id", message.id},
                        {"kind", message.kind},
                        {"request", message.request},
                        {"pictures", pictures},
                        {"styles", message.styles}});
}

JobMessage parse_message(const std::string& text) {
  return parsed(text, [](const json& value) {
    JobMessage message;
    message.id = value.at("id").get<std::string>();
    message.kind = value.at("kind").get<std::string>();
    message.request = value.at("request").get<std::string>();
    for (const auto& picture : value.at("pictures")) message.pictures.push_back(to_picture(picture));
    message.styles = value.at("styles").get<std::map<std::string, std::string>>();
    return message;
  });
}

std::string to_text(const RemoteEnd& remote) {
  json value = {{"state", name_of(remote.end.state)}, {"error", remote.end.error}, {"in_queue", remote.in_queue}};
  if (const auto& result = remote.end.result)
    value["result"] = {{"width", result->width}, {"height", result->height}, {"bytes", result->bytes}};
  return json_text(value);
}

RemoteEnd parse_end(const std::string& text) {
  return parsed(text, [](const json& value) {
    RemoteEnd remote;
    remote.end.state = state_named(value.at("state").get<std::string>());
    remote.end.error = value.at("error").get<std::string>();
    remote.in_queue = value.at("in_queue").get<bool>();
    if (value.contains("result")) {
      const auto& result = value["result"];
      remote.end.result = {result.at("width").get<int>(), result.at("height").get<int>(),
                           result.at("bytes").get<std::int64_t>()};
    }
    return remote;
  });
}

std::string to_text(const JobProgress& progress) {
  return json_text(json{{"stage", progress.stage},
                        {"step", progress.step},
                        {"steps", progress.steps},
                        {"seconds", progress.seconds},
                        {"seconds_left", progress.seconds_left}});
}

JobProgress parse_progress(const std::string& text) {
  return parsed(text, [](const json& value) {
    return JobProgress{value.at("stage").get<std::string>(), value.at("step").get<int>(), value.at("steps").get<int>(),
                       value.at("seconds").get<double>(), value.at("seconds_left").get<double>()};
  });
}

}  // namespace atelier::jobs
