#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "networks/network.h"

namespace atelier {

/// Of a network's value: its channels, and how many times smaller than the picture its sides are.
struct Extent {
  double channels = 3, smaller = 1;
  double values() const { return channels / (smaller * smaller); }  ///< per pixel of the picture
};

/// About how many bytes the values of a network need at once, at its widest place, when it is applied to one picture
/// of `height` × `width` pixels in single precision. Goes over the graph as run_network() does; inputs count as
/// pictures of that size unless `inputs` tells.
std::size_t peak_memory(const Network& network, std::int64_t height, std::int64_t width,
                        const std::map<std::string, Extent>& inputs = {});

}  // namespace atelier
