#pragma once
#include <cstddef>
#include <string>

#include "atelier/stylize.h"

namespace atelier {

/// What a method says before it starts; see Method.
struct Forecast {
  std::size_t bytes = 0;  ///< 0: little
  double seconds = 0;     ///< 0: few, or not known
};

/// "needs about 1.3 GB of memory and 20 s"; what is 0 is left out. Nothing when it is little.
std::string described(const Forecast& forecast);

/// Refuses what does not fit, rather than to paint smaller: the size is part of what was asked for and of the recipe
/// that repeats it, and among many pictures a smaller one would go unnoticed.
///
/// @param longer_side  of the picture worked on, in pixels.
/// @throws Error naming the size that fits when `needed` bytes are more than request.memory allows or, without a
///         limit, than the machine has free.
void require_memory(const Request& request, std::size_t needed, int longer_side);

}  // namespace atelier
