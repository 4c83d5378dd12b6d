#pragma once
#include <cstddef>
#include <string>

#include "core/counted.h"
#include "core/printable.h"

namespace atelier {

/// Pictures that could not be read.
struct SkippedFiles {
  std::size_t count = 0;
  std::string first;  ///< the first of them; empty for none

  void add(const std::string& file) {
    if (count++ == 0) first = file;
  }
  SkippedFiles& operator+=(const SkippedFiles& more) {
    if (count == 0) first = more.first;
    count += more.count;
    return *this;
  }
  friend SkippedFiles operator+(SkippedFiles some, const SkippedFiles& more) { return some += more; }
};

/// What the user is told of them; empty for none.
inline std::string note_of(const SkippedFiles& skipped) {
  if (skipped.count == 0) return "";
  constexpr std::size_t kLongestName = 200;
  return counted(skipped.count, "broken picture") + (skipped.count == 1 ? " was skipped: " : " were skipped, first ") +
         one_line_utf8(skipped.first, kLongestName);
}

}  // namespace atelier
