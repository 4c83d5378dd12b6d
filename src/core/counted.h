#pragma once
#include <cstddef>
#include <string>

namespace atelier {

/// "1 picture", "2 pictures": for things whose plural ends in s.
inline std::string counted(std::size_t count, const std::string& thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

}  // namespace atelier
