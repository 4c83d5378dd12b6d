#pragma once
#include <cstddef>

#include "atelier/stylize.h"
#include "stylize/observer.h"

namespace atelier {

/// Notes a forecast of `needed` bytes.
/// @throws Error naming the size that fits when they are more than request.memory allows or,
///         without a limit, than the machine has.
void require_memory(const Request& request, std::size_t needed, Observer& observer);

}  // namespace atelier
