#include "core/markup.h"

#include "core/printable.h"

namespace atelier {

std::string markup_escaped(std::string_view plain) {
  std::string safe;
  for (const char c : valid_utf8(plain)) {
    if (c == '<')
      safe += "&lt;";
    else if (c == '>')
      safe += "&gt;";
    else if (c == '&')
      safe += "&amp;";
    else if (c == '"')
      safe += "&quot;";
    else
      safe += c;
  }
  return safe;
}

}  // namespace atelier
