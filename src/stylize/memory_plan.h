#pragma once
#include <cstddef>

#include "atelier/stylize.h"

namespace atelier {

/// About how many bytes stylize() will need for `request`, from the headers of its pictures and the method's own
/// forecast, without decoding or painting anything.
/// @throws Error when a picture or style cannot be found, or the method does not exist.
std::size_t planned_memory(const Request& request);

}  // namespace atelier
