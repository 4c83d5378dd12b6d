#include "core/printable.h"

#include <algorithm>
#include <cstdint>

namespace atelier {
namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 0;  ///< 0: not UTF-8
};

/// The UTF-8 character at the start of `text` (RFC 3629: shortest form, no surrogates, up to U+10FFFF).
Character decode(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return {first, 1};
  const std::size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < bytes) return {};
  std::uint32_t code = first & (0x7fU >> bytes);
  for (const char next : text.substr(1, bytes - 1)) {
    if ((next & 0xc0) != 0x80) return {};
    code = code << 6 | (next & 0x3fU);
  }
  constexpr std::uint32_t kShortest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  return code < kShortest[bytes] || code > 0x10ffff || surrogate ? Character{} : Character{code, bytes};
}

bool turns_direction(std::uint32_t code) {
  return code == 0x61c || (code >= 0x200e && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069);
}

bool may_be_shown(const Character& character) {
  return character.bytes > 0 && character.code >= ' ' && !(character.code >= 0x7f && character.code < 0xa0) &&
         !turns_direction(character.code);
}

}  // namespace

std::string one_line(std::string_view text, std::size_t limit) {
  std::string shown;
  for (const char c : text.substr(0, limit)) shown += c >= ' ' && c <= '~' ? c : '?';
  return text.size() > limit ? shown + "..." : shown;
}

std::string printable(std::string_view text, std::size_t limit) { return '"' + one_line(text, limit) + '"'; }

std::string one_line_utf8(std::string_view text, std::size_t limit) {
  std::string shown;
  while (!text.empty()) {
    const auto character = decode(text);
    const auto bytes = std::max<std::size_t>(character.bytes, 1);
    if (shown.size() + bytes > limit) return shown + "...";
    shown += may_be_shown(character) ? std::string(text.substr(0, bytes)) : "?";
    text.remove_prefix(bytes);
  }
  return shown;
}

std::string first_line(std::string_view text) {
  const auto begin = text.find_first_not_of(" \n");
  return begin == std::string_view::npos ? std::string()
                                         : std::string(text.substr(begin, text.find('\n', begin) - begin));
}

std::string valid_utf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const auto bytes = decode(text).bytes;
    valid += bytes > 0 ? text.substr(0, bytes) : "\xef\xbf\xbd";
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return valid;
}

}  // namespace atelier
