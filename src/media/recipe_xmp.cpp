#include "media/recipe_xmp.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>
#include <utility>

#include "atelier/error.h"

namespace atelier {
namespace {

constexpr std::string_view kOpenPacket = "<x:xmpmeta";
constexpr std::string_view kClosePacket = "</x:xmpmeta>";
constexpr std::string_view kHead =
    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">";
constexpr std::string_view kTail = "</rdf:RDF></x:xmpmeta>";
constexpr std::string_view kClosing = "</rdf:RDF>";

/// The prefix of RDF is spelt out again, as the packet of another program may use another one.
constexpr std::string_view kOpenRecipe =
    "<rdf:Description xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" rdf:about=\"\" "
    "xmlns:atelier=\"urn:atelier:recipe:1\"><atelier:recipe>";
constexpr std::string_view kCloseRecipe = "</atelier:recipe></rdf:Description>";

/// A JPEG segment holds 65,533 bytes with the XMP signature (29 bytes) in it.
constexpr std::size_t kMostBytes = 65'000;

constexpr std::array<std::pair<char, std::string_view>, 3> kEscapes{{{'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}}};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    std::string_view piece(&c, 1);
    for (const auto& [plain, entity] : kEscapes)
      if (c == plain) piece = entity;
    out += piece;
  }
  return out;
}

std::string unescaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t used = 1;
    char c = text.front();
    for (const auto& [plain, entity] : kEscapes)
      if (text.starts_with(entity)) std::tie(c, used) = std::pair(plain, entity.size());
    out += c;
    text.remove_prefix(used);
  }
  return out;
}

/// Where the recipe's element begins and how long it is; npos when there is none.
std::pair<std::size_t, std::size_t> find_recipe(std::string_view xmp) {
  const auto begin = xmp.rfind(kOpenRecipe);
  const auto end = begin == std::string_view::npos ? begin : xmp.find(kCloseRecipe, begin);
  if (end == std::string_view::npos) return {end, 0};
  return {begin, end + kCloseRecipe.size() - begin};
}

/// XML 1.0, section 2.2; a zero byte would end the packet early in a PNG.
bool is_xml_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c >= ' ' || c == '\t' || c == '\n' || c == '\r'; });
}

/// The packet without its optional wrapper and padding: libvips 8.14 finds XMP in HEIF files
/// by this beginning only. Empty where there is no such packet.
std::string unwrapped(const std::string& xmp) {
  const auto begin = xmp.find(kOpenPacket);
  const auto end = begin == std::string::npos ? begin : xmp.find(kClosePacket, begin);
  if (end == std::string::npos) return {};
  const std::string packet = xmp.substr(begin, end + kClosePacket.size() - begin);
  return is_xml_text(packet) ? packet : std::string();
}

}  // namespace

std::string with_recipe(const std::string& xmp, const std::string& recipe) {
  std::string element(kOpenRecipe);
  element.append(escaped(recipe)).append(kCloseRecipe);
  require(element.size() < kMostBytes - 1000,
          "the recipe is too long to be kept in a picture; use fewer styles or shorter names");
  std::string packet = unwrapped(without_recipe(xmp));
  const auto place = packet.rfind(kClosing);
  if (place != std::string::npos && packet.size() + element.size() < kMostBytes) return packet.insert(place, element);
  return std::string(kHead).append(element).append(kTail);
}

std::optional<std::string> recipe_in(const std::string& xmp) {
  const auto [begin, length] = find_recipe(xmp);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::string_view element = std::string_view(xmp).substr(begin, length);
  return unescaped(element.substr(kOpenRecipe.size(), length - kOpenRecipe.size() - kCloseRecipe.size()));
}

std::string without_recipe(const std::string& xmp) {
  std::string rest = xmp;
  if (const auto [begin, length] = find_recipe(xmp); begin != std::string_view::npos) rest.erase(begin, length);
  return rest;
}

}  // namespace atelier
