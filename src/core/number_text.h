#pragma once
#include <array>
#include <charconv>
#include <string>

namespace atelier {

/// The shortest text that reads back as `value`.
template <typename Number>
std::string as_typed(Number value) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

}  // namespace atelier
