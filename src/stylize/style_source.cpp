#include "stylize/style_source.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "atelier/error.h"
#include "atelier/stylize.h"
#include "media/find_images.h"
#include "methods/foreign_models.h"
#include "methods/method.h"
#include "weights/style_store.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

StyleSource source_of(const StyleCard& card) { return {"", card.model, card.entry, card.method}; }

/// Is it called like a file of weights? Only asked of files that are no pictures.
bool is_called_a_model(const fs::path& file) {
  constexpr std::array kExtensions = {".safetensors", ".pth", ".pt", ".t7", ".tar"};
  return std::find(kExtensions.begin(), kExtensions.end(), file.extension()) != kExtensions.end();
}

bool is_a_style(const std::string& name) {
  const auto styles = list_styles();
  return std::any_of(styles.begin(), styles.end(), [&](const auto& style) { return is_called(style, name); });
}

std::string names_of(const std::vector<StyleCard>& cards) {
  std::string names;
  for (const auto& card : cards) names += (names.empty() ? "" : ", ") + card.entry;
  return names;
}

StyleSource only_style_in(const std::string& file) {
  const auto cards = styles_in(file, import_foreign_model);
  require(cards.size() == 1, "the model \"" + file + "\" holds several styles; write " + file +
                                 "/STYLE with one of these: " + names_of(cards));
  return source_of(cards.front());
}

/// FILE/STYLE, where FILE is a file; nothing when it is not.
std::optional<StyleSource> style_in_file(const std::string& source) {
  const fs::path path(source);
  std::error_code error;
  if (!fs::is_regular_file(path.parent_path(), error)) return std::nullopt;
  const auto cards = styles_in(path.parent_path().string());
  for (const auto& card : cards)
    if (card.entry == path.filename()) return source_of(card);
  throw Error("the model \"" + path.parent_path().string() + "\" holds no style \"" + path.filename().string() +
              "\"; it holds " + names_of(cards));
}

}  // namespace

StyleSource find_style_source(const std::string& source) {
  const StyleSource picture{source, "", "", ""};
  std::error_code error;
  const bool file = fs::is_regular_file(source, error);
  if (file && is_picture(source)) return picture;
  if (file && is_called_a_model(source)) return only_style_in(source);
  if (fs::exists(source, error) && !is_a_style(source)) {
    require(file, "style \"" + source + "\" is no file; give a picture or a model file");
    return picture;  // reading it tells what is wrong
  }
  if (const auto found = style_in_file(source)) return *found;
  const auto card = find_style(source, names_beside(source));
  check_not_damaged(card, source);
  return source_of(card);
}

std::string auto_method_for_pictures() { return "ost"; }

std::string chosen_method(const Request& request) {
  if (request.method != "auto") return request.method;
  for (const auto& style : request.styles)
    if (const auto source = find_style_source(style.source); source.is_model()) return source.method;
  return auto_method_for_pictures();
}

void check_takes(const MethodInfo& method, const std::string& name, const StyleSource& source) {
  const std::string id(method.name);
  if (!source.is_model())
    return require(method.takes != Takes::kModels,
                   id + " paints in styles that it has learnt and \"" + name +
                       "\" is a picture; give a style of `atelier styles`, or another method");
  require(method.takes != Takes::kPictures,
          id + " paints like a picture and \"" + name + "\" is a learnt style; give a picture, or another method");
  require(source.method == id, "the style \"" + name + "\" is for the method " + source.method + ", not " + id +
                                   "; paint with that method, and with styles of one method at a time");
}

std::vector<std::string> names_beside(const std::string& file) {
  const fs::path path(file);
  std::vector<std::string> names;
  std::error_code error;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  for (const auto& entry : fs::directory_iterator(folder, error))
    names.push_back((path.parent_path() / entry.path().filename()).string());
  return names;
}

}  // namespace atelier
