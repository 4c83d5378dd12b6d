#pragma once
#include <cstdint>

#include "networks/network.h"

namespace atelier::methods {

/// The critic of CartoonGAN and AnimeGAN: input "picture" [N, 3, H, W] in [0, 1]; verdicts [N, 1, H/4, W/4], not
/// squashed. 3×3 convolutions: one at full size, two pairs that halve it and widen, one more, one that judges; leaky
/// ReLU (0.2), norm after the second of each pair.
///
/// Papers: CartoonGAN, CVPR 2018, figure 2 (batch norm there); AnimeGAN, ISICA 2019, figure 3 (instance norm), to be
/// used with a spectral norm.
/// @param width  channels of the first layer; the papers have 32.
Network cartoon_critic(std::uint64_t seed, std::int64_t width = 32);

}  // namespace atelier::methods
