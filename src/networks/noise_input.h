#pragma once
#include <cstdint>

#include "networks/network.h"

namespace atelier {

/// What a network with an input "noise" wants beside pictures: [N, C, H, W], uniform in [0, 1), independent of
/// everything but the seed and the size; C is what the first layer that reads it takes.
/// @param pictures  [N, 3, H, W].
/// @return          undefined when the network has no such input.
/// @throws Error    when no convolution reads the noise.
Tensor noise_input(const Network& network, const Tensor& pictures, std::uint64_t seed);

}  // namespace atelier
