#pragma once
#include <cstddef>
#include <string>

#include "core/counted.h"

namespace atelier {

/// What the user is told of files that could not be read; empty for none.
inline std::string skipped_note(std::size_t skipped) {
  return skipped == 0 ? "" : counted(skipped, "broken picture") + (skipped == 1 ? " was skipped" : " were skipped");
}

}  // namespace atelier
