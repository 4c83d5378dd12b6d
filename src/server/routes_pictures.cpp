#include <fstream>
#include <nlohmann/json.hpp>
#include <span>

#include "core/printable.h"
#include "media/decode_image.h"
#include "media/encode_image.h"
#include "media/picture_size.h"
#include "server/exchange.h"
#include "server/refusal.h"

namespace atelier::server {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMostPictures = 32;  // in one upload
constexpr std::size_t kMostName = 120;     // bytes
constexpr int kProof = 256;                // decoding to this side reads every byte, and needs little memory

/// What remains of a client's file name: its last part, one line.
std::string shown_name(const std::string& typed) {
  const auto slash = typed.find_last_of("/\\");
  const auto name = one_line_utf8(slash == std::string::npos ? typed : typed.substr(slash + 1), kMostName);
  return name.empty() ? "picture" : name;
}

ordered_json picture_json(const jobs::Picture& picture) {
  return {{"id", picture.id},
          {"name", picture.name},
          {"width", picture.width},
          {"height", picture.height},
          {"bytes", picture.bytes}};
}

/// Proves by decoding that `content` is a picture that can be worked with.
jobs::Picture checked_picture(const Exchange& exchange, const httplib::MultipartFormData& part) {
  jobs::Picture picture;
  picture.client = exchange.client;
  picture.name = shown_name(part.filename);
  const auto bytes = std::as_bytes(std::span(part.content));
  ReadOptions options;
  options.max_pixels = exchange.studio.options().max_pixels;
  options.max_side = kProof;
  try {
    const auto size = picture_size(bytes, picture.name, options);
    decode_image(bytes, picture.name, options);
    picture.width = size.width;
    picture.height = size.height;
  } catch (const Error& error) {
    throw Refusal(422, error.what());
  }
  return picture;
}

void upload(Exchange& exchange) {
  if (!exchange.request.is_multipart_form_data())
    throw Refusal(415, "the body is no form; send pictures as multipart/form-data in parts named \"picture\"");
  const auto [first, last] = exchange.request.files.equal_range("picture");
  const auto count = static_cast<std::size_t>(std::distance(first, last));
  require(count > 0, "the form has no part named \"picture\"; add a file under that name");
  require(count <= kMostPictures, "these are " + std::to_string(count) + " pictures; send at most " +
                                      std::to_string(kMostPictures) + " at a time");
  std::vector<jobs::Picture> checked;
  std::int64_t bytes = 0;
  for (auto part = first; part != last; ++part) {
    checked.push_back(checked_picture(exchange, part->second));
    bytes += static_cast<std::int64_t>(part->second.content.size());
  }
  exchange.studio.require_space(bytes);
  ordered_json list = ordered_json::array();
  auto part = first;
  for (const auto& picture : checked)
    list.push_back(picture_json(exchange.studio.pictures().add(picture, (part++)->second.content)));
  exchange.answer(list, 201);
}

/// The type of a file that browsers show as it is; nothing for others.
const char* browser_type(const std::filesystem::path& file) {
  char start[12] = {};
  std::ifstream(file, std::ios::binary).read(start, sizeof start);
  const std::string_view head(start, sizeof start);
  if (head.starts_with("\xff\xd8\xff")) return "image/jpeg";
  if (head.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
  return nullptr;
}

void show(Exchange& exchange) {
  const auto picture = exchange.picture();
  const auto file = exchange.studio.pictures().file_of(picture);
  const int side = exchange.number("side", 0, 16, 8192);
  const char* type = browser_type(file);
  if (side == 0 && type != nullptr) return exchange.answer_file(file, type, true);
  ReadOptions options;
  options.max_side = side;
  auto [bytes, made] = as_browser_picture(read_image(file.string(), options));
  exchange.answer_picture(std::move(bytes), made, true);
}

void remove(Exchange& exchange) {
  const auto picture = exchange.picture();
  if (exchange.studio.pictures().remove(picture.id) == jobs::PictureStore::Removal::kInUse)
    throw Refusal(409, "a job needs this picture; delete the job first");
  exchange.response.status = 204;
}

}  // namespace

std::vector<Route> picture_routes() {
  return {
      {"POST", "/api/pictures", upload}, {"GET", "/api/pictures/{id}", show}, {"DELETE", "/api/pictures/{id}", remove}};
}

}  // namespace atelier::server
