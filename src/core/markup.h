#pragma once
#include <string>
#include <string_view>

namespace atelier {

/// `plain` with the characters that mean something in HTML, SVG and Pango's markup written out, and U+FFFD in place of
/// what is no UTF-8, which XML refuses.
std::string markup_escaped(std::string_view plain);

}  // namespace atelier
