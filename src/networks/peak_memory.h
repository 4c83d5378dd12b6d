#pragma once
#include <cstddef>
#include <cstdint>

#include "networks/network.h"

namespace atelier {

/// About how many bytes the values of a network need at once, at its widest place, when it is applied to one picture
/// of `height` × `width` pixels in single precision. Goes over the graph as run_network() does; all inputs count as
/// pictures of that size.
std::size_t peak_memory(const Network& network, std::int64_t height, std::int64_t width);

}  // namespace atelier
