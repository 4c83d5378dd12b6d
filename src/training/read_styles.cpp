#include "training/read_styles.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "atelier/error.h"
#include "core/printable.h"
#include "dataset/picture_pack.h"
#include "media/find_images.h"
#include "media/image_file.h"
#include "tensor/image_tensor.h"
#include "tensor/resize.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 255;

/// What a style is called after its file. The name goes into models, as JSON and as the names of tensors, and into what
/// is printed: a file's name may be any bytes.
std::string name_of(const fs::path& file) { return one_line_utf8(file.stem().string(), kLongestName); }

/// The packed paintings, named like the pack, and numbered where there are several.
std::vector<StyleToLearn> read_pack(const fs::path& pack, int longer_side) {
  const auto pictures = unpack_pictures(read_safetensors(pack));
  std::vector<StyleToLearn> styles;
  for (const auto& picture : pictures) {
    const auto number = pictures.size() == 1 ? "" : "-" + std::to_string(styles.size() + 1);
    const auto values = picture.to(torch::kFloat).div(255).unsqueeze(0);
    styles.push_back({name_of(pack) + number, fit_longer_side(values, longer_side)});
  }
  return styles;
}

StyleToLearn read_style(const std::string& name, const fs::path& file, int longer_side) {
  if (!is_pack(file))
    return {name, fit_longer_side(to_tensor(read_image(file.string(), {.max_side = 2 * longer_side})), longer_side)};
  auto packed = read_pack(file, longer_side);
  require(packed.size() == 1, file.string() + " holds several paintings; pack those of a list of styles one by one");
  packed.front().name = name;
  return packed.front();
}

/// In a folder, or a pack of that name.
fs::path find_in(const std::vector<std::string>& places, const fs::path& file) {
  for (const fs::path place : places) {
    if (is_pack(place) && place.stem() == file.stem()) return place;
    if (fs::exists(place / file)) return place / file;
  }
  throw Error("no --style folder holds \"" + file.string() + "\"; name the folders of the listed paintings");
}

std::vector<StyleToLearn> read_cards(const std::vector<std::string>& folders, const fs::path& cards,
                                     int longer_side) try {
  std::vector<StyleToLearn> styles;
  std::ifstream stream;
  if (fs::is_regular_file(cards)) stream.open(cards);
  require(stream.is_open(), cards.string() + " cannot be read; give --cards a JSON list of styles");
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

/// Of many one may be broken; no readable one is a mistake.
std::vector<StyleToLearn> read_folder(const fs::path& folder, int longer_side, SkippedFiles& skipped) {
  std::vector<StyleToLearn> styles;
  for (const auto& file : find_images(folder)) try {
      styles.push_back(read_style(name_of(file), file, longer_side));
    } catch (const Error&) {
      skipped.add(file.string());
    }
  require(!styles.empty(), folder.string() + " holds no readable picture; name paintings or folders of them");
  return styles;
}

std::vector<StyleToLearn> read_place(const fs::path& place, int longer_side, SkippedFiles& skipped) {
  if (is_pack(place)) return read_pack(place, longer_side);
  if (fs::is_directory(place)) return read_folder(place, longer_side, skipped);
  return {read_style(name_of(place), place, longer_side)};
}

std::vector<StyleToLearn> read_pictures(const std::vector<std::string>& pictures, int longer_side,
                                        SkippedFiles& skipped) {
  std::vector<StyleToLearn> styles;
  for (const auto& picture : pictures)
    for (auto& style : read_place(picture, longer_side, skipped)) styles.push_back(std::move(style));
  return styles;
}

}  // namespace

std::vector<StyleToLearn> read_styles(const std::vector<std::string>& pictures, const std::filesystem::path& cards,
                                      int longer_side, SkippedFiles& skipped) {
  auto styles =
      cards.empty() ? read_pictures(pictures, longer_side, skipped) : read_cards(pictures, cards, longer_side);
  std::set<std::string> names;
  for (const auto& style : styles)
    require(names.insert(style.name).second, "two styles are called \"" + style.name + "\"; rename one picture");
  return styles;
}

}  // namespace atelier
