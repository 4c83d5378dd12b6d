#include "server/job_request.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "atelier/method_list.h"
#include "core/json_walk.h"
#include "core/printable.h"
#include "jobs/random_id.h"
#include "server/refusal.h"
#include "weights/data_folder.h"
#include "weights/model_store.h"

namespace atelier::server {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kMostStyles = 8;
constexpr std::size_t kMostText = 200;     // characters of a title, an artist, an option
constexpr double kMostTimeBudget = 86400;  // seconds of teaching
constexpr std::size_t kMostLevels = 16;    // of lists and objects within each other; copying a value recurses

constexpr std::array kClientSettings = {"strength",  "size", "style-size", "color", "encoder",
                                        "precision", "seed", "quality",    "strip", "source-profile"};

bool is_settable(const Option& option) {
  return std::find(kClientSettings.begin(), kClientSettings.end(), option.name) != kClientSettings.end();
}

/// "string", "object", ...: what a field is and what it ought to be.
void require_type(const json& value, json::value_t type, const std::string& field) {
  const json wanted(type);
  const bool number = type == json::value_t::number_float && value.is_number();
  require(number || value.type() == type,
          "\"" + field + "\" is a " + value.type_name() + "; send a " + wanted.type_name());
}

void require_known(const json& object, const std::set<std::string>& known, const std::string& what) {
  for (const auto& [name, value] : object.items())
    require(known.contains(name), "there is no field " + printable(name) + " in " + what + "; leave it out");
}

std::string text_field(const json& object, const std::string& name, const std::string& missing) {
  if (!object.contains(name)) return missing;
  require_type(object[name], json::value_t::string, name);
  const auto text = object[name].get<std::string>();
  require(text.size() <= kMostText,
          "\"" + name + "\" is longer than " + std::to_string(kMostText) + " characters; shorten it");
  return text;
}

/// Settings and options come as text, as /api/settings gives their defaults; numbers and true and false serve as well.
std::map<std::string, std::string> texts(const json& object, const std::string& field) {
  std::map<std::string, std::string> found;
  if (!object.contains(field)) return found;
  require_type(object[field], json::value_t::object, field);
  for (const auto& [name, value] : object[field].items()) {
    require(name.size() <= kMostText, "\"" + field + "\" has a name that is too long; see /api/openapi.json");
    require(value.is_string() || value.is_number() || value.is_boolean(),
            "\"" + field + "." + one_line(name) + "\" is a " + value.type_name() + "; send a text");
    found[name] = value.is_string() ? value.get<std::string>() : value.dump();
    require(found[name].size() <= kMostText, "\"" + field + "." + one_line(name) + "\" is too long; shorten it");
  }
  return found;
}

/// No text of a client may reach the library where it could be taken for a file.
void require_no_path(const std::string& name, const std::string& value) {
  require(value.find_first_of("/\\~") == std::string::npos && value.find("..") == std::string::npos &&
              !value.starts_with('.'),
          "\"" + name + "\" cannot be " + printable(value) + "; the studio takes names, no files");
}

void check_settings_of_client(const std::map<std::string, std::string>& settings) {
  for (const auto& [name, value] : settings) {
    const auto& known = client_settings();
    const bool settable =
        std::any_of(known.begin(), known.end(), [&](const auto& option) { return option.name == name; });
    require(settable, "there is no setting " + printable(name) + "; see /api/settings");
    require_no_path(name, value);
  }
  if (!settings.contains("encoder")) return;
  const auto& encoder = settings.at("encoder");
  const auto models = list_models();
  require(std::any_of(models.begin(), models.end(), [&](const auto& model) { return model.name == encoder; }),
          "there is no encoder " + printable(encoder) + " here; leave out \"encoder\"");
}

void check_options_of_client(const std::string& method, const std::map<std::string, std::string>& given) {
  for (const auto& option : describe_method(method).options) {
    const auto found = given.find(option.name);
    if (found == given.end()) continue;
    require(option.kind != Option::Kind::kPath,
            "the option \"" + option.name + "\" names a file, which the studio does not take; leave it out");
    if (option.kind == Option::Kind::kText) require_no_path(option.name, found->second);
  }
}

jobs::Picture picture_of(Studio& studio, const std::string& client, const json& id, const std::string& field) {
  require_type(id, json::value_t::string, field);
  const auto picture = studio.pictures().find(id.get<std::string>());
  if (!picture || (!client.empty() && picture->client != client))
    throw Refusal(404, "there is no picture " + printable(id.get<std::string>()) + "; upload it again");
  return *picture;
}

/// Every picture of a request, with the field that names it.
std::vector<std::pair<std::string, json>> pictures_in(const json& posted) {
  std::vector<std::pair<std::string, json>> found;
  for (const char* field : {"content", "picture"})
    if (posted.contains(field)) found.emplace_back(field, posted[field]);
  for (const auto& style : posted.value("styles", json::array()))
    for (const char* field : {"picture", "mask"})
      if (style.contains(field)) found.emplace_back(field, style[field]);
  return found;
}

std::string file_of(Studio& studio, const json& id) {
  return studio.pictures().file_of(picture_of(studio, "", id, "picture")).string();
}

StyleRequest style_request(Studio& studio, const json& style) {
  StyleRequest request;
  request.source = style.contains("picture") ? file_of(studio, style["picture"]) : style.at("name").get<std::string>();
  request.weight = style.value("weight", 1.0);
  if (style.contains("mask")) request.mask = file_of(studio, style["mask"]);
  return request;
}

void check_style(Studio& studio, const json& style) {
  require(style.is_object(),
          "a style is a " + std::string(style.type_name()) + "; send {\"name\": NAME} or {\"picture\": ID}");
  require_known(style, {"name", "picture", "weight", "mask"}, "a style");
  require(style.contains("name") != style.contains("picture"),
          "a style has a \"name\" or a \"picture\", one of the two; send {\"name\": NAME} or {\"picture\": ID}");
  if (style.contains("weight")) require_type(style["weight"], json::value_t::number_float, "weight");
  if (!style.contains("name")) return;
  const auto name = text_field(style, "name", "");
  const auto styles = studio.styles();
  if (std::none_of(styles.begin(), styles.end(), [&](const auto& card) { return card.name == name && !card.damaged; }))
    throw Refusal(404, "there is no style " + printable(name) + "; see /api/styles");
}

/// A small photo can be asked for at any size: refused before anything is that large.
void check_result_size(Studio& studio, const Request& request, const jobs::Picture& photo) {
  const double longer = std::max(photo.width, photo.height);
  const double scale = request.size == 0 ? 1 : request.size / longer;
  const double pixels = scale * scale * photo.width * photo.height;
  const auto most = static_cast<double>(studio.options().max_result_pixels);
  if (pixels <= most) return;
  const int fitting = static_cast<int>(longer * std::sqrt(most / (1.0 * photo.width * photo.height)));
  throw Refusal(422, "the result would have " + std::to_string(static_cast<std::int64_t>(pixels / 1e6)) +
                         " million pixels; choose a size of " + std::to_string(fitting) + " or less");
}

void check_style_size(Studio& studio, const Request& request) {
  const double side = std::max(request.style_size, request.size);
  if (side * side > static_cast<double>(studio.options().max_result_pixels) * 2)
    throw Refusal(422, "the style would be " + std::to_string(static_cast<int>(side)) +
                           " pixels wide or high; choose a smaller style-size");
}

void check_stylize(Studio& studio, const std::string& client, const json& posted) {
  require_known(posted, {"kind", "content", "styles", "method", "settings", "options"}, "a job of kind stylize");
  require(posted.contains("content"), "no photo was given; send its id as \"content\"");
  const auto photo = picture_of(studio, client, posted["content"], "content");
  const json styles = posted.value("styles", json::array());
  require(styles.is_array() && !styles.empty() && styles.size() <= kMostStyles,
          "\"styles\" must be a list of 1 to " + std::to_string(kMostStyles) + " styles; send [{\"name\": NAME}]");
  for (const auto& style : styles) check_style(studio, style);
  text_field(posted, "method", "auto");
  check_settings_of_client(texts(posted, "settings"));
  const auto request = stylize_request(studio, posted);
  check_options_of_client(chosen_method(request), request.options);
  check_result_size(studio, request, photo);
  check_style_size(studio, request);
  try {
    check_settings(request);
  } catch (const Error& error) {  // which calls pictures by the files that they lie in here
    throw Error(with_client_names(error.what(), client_names(studio, posted)), error.kind());
  }
}

void check_teach(Studio& studio, const std::string& client, const json& posted) {
  require_known(posted, {"kind", "picture", "name", "title", "artist", "thorough", "time_budget"},
                "a job of kind teach");
  require(posted.contains("picture"), "no painting was given; send its id as \"picture\"");
  picture_of(studio, client, posted["picture"], "picture");
  const auto name = text_field(posted, "name", "");
  require(is_valid_name(name), "a style cannot be called " + printable(name) +
                                   "; use 1 to 64 of a-z, 0-9, \".\", \"_\", \"-\", a letter or digit first");
  for (const auto& card : studio.styles())
    if (card.name == name) throw Refusal(409, "there is a style \"" + name + "\" already; choose another name");
  text_field(posted, "title", "");
  text_field(posted, "artist", "");
  if (posted.contains("thorough")) require_type(posted["thorough"], json::value_t::boolean, "thorough");
  if (!posted.contains("time_budget")) return;
  require_type(posted["time_budget"], json::value_t::number_float, "time_budget");
  const auto seconds = posted["time_budget"].get<double>();
  require(seconds >= kLeastTimeBudget && seconds <= kMostTimeBudget,
          "\"time_budget\" is in seconds, from 1 to 86400; leave it out for no limit");
}

}  // namespace

const std::vector<Option>& client_settings() {
  static const auto settings = [] {
    std::vector<Option> found;
    std::copy_if(request_options().begin(), request_options().end(), std::back_inserter(found), is_settable);
    return found;
  }();
  return settings;
}

const std::string& client_methods_json() {
  static const auto text = [] {
    auto methods = ordered_json::parse(methods_json());
    for (auto& method : methods) {
      ordered_json options = ordered_json::array();
      for (auto& option : method["options"])
        if (option["kind"] != "path") options.push_back(option);
      method["options"] = options;
    }
    return methods.dump();
  }();
  return text;
}

namespace {

class DepthCheck final : public JsonWalk {
  void entered(std::size_t depth) override {
    require(depth <= kMostLevels + 1, "the body is nested too deeply; send what /api/openapi.json describes");
  }
};

}  // namespace

nlohmann::json posted_json(const std::string& body) {
  DepthCheck check;
  return json::sax_parse(body, &check) ? json::parse(body) : json(json::value_t::discarded);
}

jobs::NewJob checked_job(Studio& studio, const std::string& client, const std::string& body) {
  const json posted = posted_json(body);
  require(posted.is_object(), "the body is no JSON object; send {\"kind\": \"stylize\", ...}");
  jobs::NewJob job;
  job.client = client;
  job.kind = text_field(posted, "kind", "");
  require(job.kind == "stylize" || job.kind == "teach",
          "there is no kind of job " + printable(job.kind) + "; send \"stylize\" or \"teach\"");
  for (const auto& [field, id] : pictures_in(posted)) job.pictures.push_back(picture_of(studio, client, id, field).id);
  job.kind == "stylize" ? check_stylize(studio, client, posted) : check_teach(studio, client, posted);
  std::sort(job.pictures.begin(), job.pictures.end());
  job.pictures.erase(std::unique(job.pictures.begin(), job.pictures.end()), job.pictures.end());
  job.request = posted.dump();
  return job;
}

Request stylize_request(Studio& studio, const json& posted) {
  Request request;
  apply_options(request, texts(posted, "settings"));
  request.method = text_field(posted, "method", "auto");
  request.options = texts(posted, "options");
  request.content = file_of(studio, posted.at("content"));
  for (const auto& style : posted.at("styles")) request.styles.push_back(style_request(studio, style));
  request.max_pixels = studio.options().max_pixels;
  return request;
}

NewStyle teach_request(Studio& studio, const json& posted) {
  NewStyle style;
  style.painting = file_of(studio, posted.at("picture"));
  style.card.name = posted.at("name").get<std::string>();
  style.card.title = posted.value("title", "");
  style.card.artist = posted.value("artist", "");
  style.thorough = posted.value("thorough", false);
  if (posted.contains("time_budget")) style.time_budget = posted["time_budget"].get<double>();
  return style;
}

std::map<std::string, std::string> client_names(Studio& studio, const json& posted) {
  std::map<std::string, std::string> names;
  for (const auto& [field, id] : pictures_in(posted)) {
    const auto picture = studio.pictures().find(id.get<std::string>());
    if (picture) names[studio.pictures().file_of(*picture).string()] = picture->name;
  }
  return names;
}

nlohmann::json with_texts_replaced(nlohmann::json document, const std::map<std::string, std::string>& names) {
  const auto flat = document.flatten();
  for (const auto& [place, value] : flat.items()) {
    if (!value.is_string()) continue;
    const auto found = names.find(value.get<std::string>());
    if (found != names.end()) document[nlohmann::json::json_pointer(place)] = found->second;
  }
  return document;
}

std::string with_client_names(std::string text, const std::map<std::string, std::string>& names) {
  for (const auto& [file, name] : names)
    for (auto at = text.find(file); at != std::string::npos; at = text.find(file, at + name.size()))
      text.replace(at, file.size(), name);
  return text;
}

}  // namespace atelier::server
