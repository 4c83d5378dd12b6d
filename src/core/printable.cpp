#include "core/printable.h"

namespace atelier {

std::string one_line(std::string_view text, std::size_t limit) {
  std::string shown;
  for (const char c : text.substr(0, limit)) shown += c >= ' ' && c <= '~' ? c : '?';
  return text.size() > limit ? shown + "..." : shown;
}

std::string printable(std::string_view text, std::size_t limit) { return '"' + one_line(text, limit) + '"'; }

}  // namespace atelier
