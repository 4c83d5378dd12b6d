#include "server/luggage.h"

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>

#include "atelier/error.h"
#include "atelier/method_list.h"
#include "core/file_content.h"
#include "core/json_text.h"
#include "core/printable.h"
#include "core/sha256.h"
#include "jobs/random_id.h"
#include "media/picture_size.h"
#include "stylize/settings.h"
#include "stylize/style_source.h"
#include "weights/model_store.h"
#include "weights/style_store.h"

namespace atelier::server {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Settings that say what is painted. How it is written is decided where it is written.
constexpr std::array kPainting = {"strength", "size", "style-size", "color", "encoder", "precision", "seed"};

constexpr std::size_t kNameDigits = 16;  // of a model's sha256, in its name on the way

std::string content_of(const std::string& file) {
  if (auto bytes = file_content(file)) return *std::move(bytes);
  throw Error("cannot read \"" + file + "\"; check its permissions", ErrorKind::kFailure);
}

bool is_file(const std::string& name) {
  std::error_code error;
  return fs::is_regular_file(name, error);
}

json painting_settings(const Request& request) {
  const auto typed = typed_options(request);
  json settings = {{"strip", "true"}};
  for (const char* name : kPainting) settings[name] = typed.at(name);
  return settings;
}

}  // namespace

void require_travels(const Request& request) {
  const std::string here = " and the picture is painted elsewhere; leave it out, or paint without --queue";
  require(request.preview.empty(), "--preview shows a picture that is painted on this machine" + here);
  require(request.checkpoint.empty(), "--checkpoint keeps a run of this machine" + here);
  require(!request.keep_best_on_stop, "--keep-best ends a run of this machine" + here);
  require(request.threads == 0, "--threads are this machine's; give them to `atelier worker`, or leave out --queue");
  require(request.memory == 0, "--memory is this machine's; leave it out, or paint without --queue");
  require(!is_file(request.encoder), "--encoder names a file of this machine" + here);
  for (const auto& option : describe_method(chosen_method(request)).options) {
    const auto given = request.options.find(option.name);
    const bool names_file = given != request.options.end() && !given->second.empty() &&
                            (option.kind == Option::Kind::kPath || is_file(given->second));
    require(!names_file, "--" + option.name + " names a file of this machine" + here);
  }
}

Luggage::Luggage(const Request& request) {
  require_travels(request);
  json styles = json::array();
  for (const auto& style : request.styles) styles.push_back(add_style(style));
  const json posted = {{"kind", "stylize"},
                       {"content", add_picture(request.content)},
                       {"styles", styles},
                       {"method", chosen_method(request)},
                       {"settings", painting_settings(request)},
                       {"options", request.options},
                       {"draft", false}};
  parcel_.message.kind = "stylize";
  parcel_.message.request = json_text(posted);
}

jobs::DispatcherHome::Parcel Luggage::parcel(const std::string& id) const {
  auto parcel = parcel_;
  parcel.message.id = id;
  return parcel;
}

/// Errors of a worker call the picture as it was typed here.
std::string Luggage::add_picture(const std::string& file) {
  const auto bytes = content_of(file);
  const auto view = std::as_bytes(std::span(bytes));
  const auto size = picture_size(view, file);
  jobs::Picture picture;
  picture.id = jobs::random_id();
  picture.sha256 = sha256_hex(view);
  picture.name = one_line_utf8(file, file.size());
  picture.width = size.width;
  picture.height = size.height;
  picture.bytes = static_cast<std::int64_t>(bytes.size());
  parcel_.files[picture.sha256] = file;
  parcel_.message.pictures.push_back(picture);
  return picture.id;
}

/// The name under which a worker will find the model among its styles.
std::string Luggage::add_model(const std::string& name, const std::string& file) {
  require(fs::path(file).extension() == ".safetensors" && open_model(file).metadata.contains("kind"),
          "the style \"" + name +
              "\" lies in a file that cannot travel; convert it by `atelier models import`, or paint "
              "without --queue");
  const auto sha256 = sha256_file(file);
  const auto sent = "sent-" + sha256.substr(0, kNameDigits);
  parcel_.message.styles[sent] = sha256;
  parcel_.files[sha256] = file;
  return sent;
}

json Luggage::add_style(const StyleRequest& style) {
  json posted = {{"weight", style.weight}};
  if (!style.mask.empty()) posted["mask"] = add_picture(style.mask);
  const auto source = find_style_source(style.source);
  if (!source.is_model()) {
    posted["picture"] = add_picture(source.picture);
  } else if (!is_file(source.model)) {
    posted["name"] = style.source;
  } else {
    const auto sent = add_model(style.source, source.model);
    posted["name"] = styles_in(source.model).size() > 1 ? sent + "/" + source.entry : sent;
  }
  return posted;
}

}  // namespace atelier::server
