#include "weights/style_store.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "core/nearest_name.h"
#include "core/output_file.h"
#include "core/printable.h"
#include "weights/data_folder.h"
#include "weights/model_store.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kLongestField = 200, kMostStyles = 1000;
constexpr const char* kThumbnail = "thumbnail";

/// What a card says beside the name, by key.
struct Field {
  const char* key;
  std::string StyleCard::*member;
};
constexpr Field kFields[] = {{"title", &StyleCard::title},   {"artist", &StyleCard::artist},
                             {"year", &StyleCard::year},     {"died", &StyleCard::died},
                             {"medium", &StyleCard::medium}, {"credit", &StyleCard::credit}};

std::string metadata(const WeightSet& weights, const std::string& key) {
  const auto found = weights.metadata.find(key);
  return found == weights.metadata.end() ? "" : found->second;
}

/// Years are written as numbers or as texts such as "c. 1831".
std::string text_of(const json& value) {
  return one_line_utf8(value.is_string() ? value.get<std::string>() : value.dump(), kLongestField);
}

std::string quoted(const std::string& name) { return '"' + one_line_utf8(name, kLongestField) + '"'; }

json array_in(const WeightSet& weights, const std::string& key, const std::string& model) {
  const auto text = metadata(weights, key);
  const auto array = text.empty() ? json::array() : json::parse(text, nullptr, false);
  require(array.is_array() && array.size() <= kMostStyles,
          "the list \"" + key + "\" of the model " + quoted(model) + " is damaged; get the model again");
  return array;
}

void fill(StyleCard& card, const json& row) {
  for (const auto& field : kFields)
    if (row.contains(field.key)) card.*field.member = text_of(row.at(field.key));
}

/// One card per style of the model, named by its entry.
std::vector<StyleCard> named_cards(const WeightSet& weights, const std::string& model) {
  std::vector<StyleCard> cards;
  for (const auto& name : array_in(weights, "styles", model)) {
    StyleCard card;
    card.name = card.entry = text_of(name);
    cards.push_back(card);
  }
  for (const auto& row : array_in(weights, "cards", model))
    for (auto& card : cards)
      if (row.is_object() && row.value("name", json()) == card.entry) fill(card, row);
  return cards;
}

/// Nothing when the model holds none.
const WeightTensor* find_thumbnail(const WeightSet& weights, const StyleCard& card) {
  for (const auto& name : {std::string(kThumbnail) + "." + card.entry, std::string(kThumbnail)}) {
    const auto found = weights.tensors.find(name);
    if (found != weights.tensors.end() && found->second.dtype == DType::kU8) return &found->second;
  }
  return nullptr;
}

std::vector<StyleCard> cards_of(const WeightSet& weights, const std::string& model) {
  auto cards = named_cards(weights, model);
  if (cards.empty()) cards.emplace_back();
  if (cards.size() == 1)
    for (const auto& field : kFields)
      if (const auto text = metadata(weights, field.key); !text.empty()) cards[0].*field.member = text_of(text);
  for (auto& card : cards) {
    card.method = text_of(metadata(weights, "method"));
    card.model = model;
    card.has_thumbnail = find_thumbnail(weights, card) != nullptr;
  }
  return cards;
}

/// The styles of a file in one of the user's folders, called by the file's name.
std::vector<StyleCard> cards_of_file(const fs::path& file, const std::string& name) {
  std::vector<StyleCard> cards(1);
  try {
    cards = styles_in(file.string());
  } catch (const Error&) {
    cards[0].damaged = true;
  }
  for (auto& card : cards) {
    card.name = cards.size() == 1 ? name : name + "/" + card.entry;
    card.file = file;
    card.model = file.string();
  }
  return cards;
}

std::vector<StyleCard> read_embedded_styles() {
  std::vector<StyleCard> styles;
  for (const auto& model : list_models()) {
    if (!model.embedded() || model.kind != "style") continue;
    for (auto& card : styles_in(model.name)) {
      if (card.name.empty()) card.name = model.name;
      styles.push_back(std::move(card));
    }
  }
  return styles;
}

/// They never change, and every picture asks for them several times.
const std::vector<StyleCard>& embedded_styles() {
  static const auto styles = read_embedded_styles();
  return styles;
}

/// Refuses a model that is not of kind "style".
void check_holds_styles(const std::string& model, const std::string& kind) {
  require(kind != ModelInfo::kDamaged, "the model " + quoted(model) + " is damaged; import it again");
  require(kind == "style", "the model " + quoted(model) + " is of kind " + printable(kind) +
                               " and holds no style; see `atelier styles` for those that do");
}

void append(std::vector<StyleCard>& all, std::vector<StyleCard> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

fs::path file_of(const std::string& name) { return style_folder() / (name + ".safetensors"); }

/// "a, b and 3 more"
std::string enumeration(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 4;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i) text += (i ? ", " : "") + names[i];
  return names.size() > kShown ? text + " and " + std::to_string(names.size() - kShown) + " more" : text;
}

}  // namespace

fs::path style_folder() { return data_folder() / "styles"; }

std::vector<StyleCard> styles_in(const std::string& model, const RecogniseWeights& recognise) {
  WeightSet weights = open_model(model);
  if (!weights.metadata.contains("kind") && recognise)
    if (auto known = recognise(weights)) weights = *std::move(known);
  const auto kind = metadata(weights, "kind");
  require(!kind.empty(),
          "the file " + quoted(model) +
              " is no style's model that Atelier knows; docs/methods/johnson.md lists the projects that it knows");
  check_holds_styles(model, kind);
  require(!metadata(weights, "method").empty(),
          "the model " + quoted(model) + " does not name its method; import or train it again");
  return cards_of(weights, model);
}

std::vector<StyleCard> list_styles() {
  auto all = embedded_styles();
  for (const auto& file : own_files("styles")) append(all, cards_of_file(file, file.stem().string()));
  for (const auto& model : list_models())
    if (!model.embedded() && model.kind == "style") append(all, cards_of_file(model.file, model.name));
  return all;
}

StyleCard find_style(const std::string& name, const std::vector<std::string>& others) {
  const auto all = list_styles();
  std::vector<std::string> names = others, held;
  const StyleCard* found = nullptr;
  for (const auto& card : all) {
    if (is_called(card, name) && (found == nullptr || found->embedded())) found = &card;
    if (card.name.starts_with(name + "/") || (card.embedded() && card.model == name)) held.push_back(card.name);
    names.push_back(card.name);
  }
  if (found != nullptr) return *found;
  require(held.empty(), "the model " + quoted(name) + " holds several styles; choose one of " + enumeration(held));
  for (const auto& model : list_models())
    if (model.name == name) check_holds_styles(name, model.kind);
  throw Error("there is no style " + (others.empty() ? "" : std::string("or file ")) + quoted(name) + "; " +
              did_you_mean(name, names, "atelier styles"));
}

bool is_called(const StyleCard& card, const std::string& name) {
  return card.name == name || (card.embedded() && !card.entry.empty() && card.model + "/" + card.entry == name);
}

void check_not_damaged(const StyleCard& card, const std::string& name) {
  require(!card.damaged,
          "the style \"" + name + "\" is damaged; add or import it again (file \"" + card.file.string() + "\")");
}

std::string style_thumbnail(const StyleCard& card) {
  const WeightSet weights = open_model(card.model);
  const auto* thumbnail = find_thumbnail(weights, card);
  if (thumbnail == nullptr) return "";
  return {reinterpret_cast<const char*>(thumbnail->bytes.data()), thumbnail->bytes.size()};
}

bool is_removable(const StyleCard& card) { return !card.embedded() && card.file.parent_path() == style_folder(); }

void check_style_name_is_free(const std::string& name, const fs::path& file) {
  for (const auto& style : list_styles())
    require(style.name != name || style.file == file,
            "the name \"" + name + "\" belongs to " +
                (style.embedded() ? "an embedded style" : "another style of yours") + "; choose another with --name");
}

void check_style_name(const std::string& name) {
  check_valid_name("a style", name);
  check_style_name_is_free(name, file_of(name));
}

void check_style_can_be_saved(const std::string& name) {
  check_style_name(name);
  make_folder(style_folder());
  check_writable("style", file_of(name).string(), {});
}

StyleCard save_style(WeightSet model, const StyleCard& card, const std::string& thumbnail) {
  check_style_name(card.name);
  require(!card.method.empty(), "a style needs a method that paints with it; name the method");
  model.metadata["kind"] = "style";
  model.metadata["method"] = card.method;
  for (const auto& field : kFields) {
    model.metadata.erase(field.key);
    if (const auto& text = card.*field.member; !text.empty())
      model.metadata[field.key] = one_line_utf8(text, kLongestField);
  }
  model.tensors.erase(kThumbnail);
  if (!thumbnail.empty())
    model.tensors[kThumbnail] = {DType::kU8,
                                 {static_cast<std::int64_t>(thumbnail.size())},
                                 std::as_bytes(std::span(thumbnail.data(), thumbnail.size()))};
  model.metadata["content_sha256"] = content_sha256(model);
  make_folder(style_folder());
  write_safetensors(file_of(card.name), model);
  return find_style(card.name);
}

void remove_style(const std::string& name) {
  const auto card = find_style(name);
  require(!card.embedded(), "the style \"" + name + "\" is part of the program and stays; remove only your own");
  require(is_removable(card), "the style \"" + name + "\" belongs to a model of yours; `atelier models remove " +
                                  card.file.stem().string() + "` deletes it");
  remove_file(card.file);
}

}  // namespace atelier
