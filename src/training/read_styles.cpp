#include "training/read_styles.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "atelier/error.h"
#include "media/find_images.h"
#include "media/image_file.h"
#include "tensor/image_tensor.h"
#include "tensor/resize.h"

namespace atelier {
namespace {

StyleToLearn read_style(const std::string& name, const std::filesystem::path& file, int longer_side) {
  return {name, fit_longer_side(to_tensor(read_image(file.string(), {.max_side = 2 * longer_side})), longer_side)};
}

std::filesystem::path find_in(const std::vector<std::string>& folders, const std::string& file) {
  for (const auto& folder : folders)
    if (std::filesystem::exists(std::filesystem::path(folder) / file)) return std::filesystem::path(folder) / file;
  throw Error("no --style folder holds \"" + file + "\"; name the folders of the listed paintings");
}

std::vector<StyleToLearn> read_cards(const std::vector<std::string>& folders, const std::filesystem::path& cards,
                                     int longer_side) try {
  std::vector<StyleToLearn> styles;
  std::ifstream stream(cards);
  require(stream.good(), cards.string() + " cannot be read; give --cards a JSON list of styles");
  for (auto card : nlohmann::ordered_json::parse(stream)) {
    const auto file = find_in(folders, card.at("file").get<std::string>());
    styles.push_back(read_style(card.at("name").get<std::string>(), file, longer_side));
    card.erase("file");
    styles.back().card = card.dump();
  }
  return styles;
} catch (const nlohmann::json::exception&) {
  throw Error(cards.string() + " is no list of styles; write [{\"name\": ..., \"file\": ...}, ...]");
}

std::vector<StyleToLearn> read_pictures(const std::vector<std::string>& pictures, int longer_side) {
  std::vector<StyleToLearn> styles;
  for (const auto& picture : pictures)
    for (const auto& file : find_images(picture)) styles.push_back(read_style(file.stem().string(), file, longer_side));
  return styles;
}

}  // namespace

std::vector<StyleToLearn> read_styles(const std::vector<std::string>& pictures, const std::filesystem::path& cards,
                                      int longer_side) {
  auto styles = cards.empty() ? read_pictures(pictures, longer_side) : read_cards(pictures, cards, longer_side);
  std::set<std::string> names;
  for (const auto& style : styles)
    require(names.insert(style.name).second, "two styles are called \"" + style.name + "\"; rename one picture");
  return styles;
}

}  // namespace atelier
