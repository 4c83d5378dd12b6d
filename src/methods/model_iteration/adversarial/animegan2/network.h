#pragma once
#include <cstdint>

#include "networks/network.h"

namespace atelier::methods::animegan2 {

/// AnimeGANv2's generator: input "picture" [N, 3, H, W] in [0, 1], H and W multiples of 4; output of the same size in
/// [0, 1]. Random parameters, 2.1 million of them at the full width.
///
/// Source: TachibanaYoshino/AnimeGANv2 (2020): 7×7 convolutions at both ends, layer norm throughout, four inverted
/// residual blocks at a quarter of the size, bilinear enlargement followed by convolutions, against the high-frequency
/// artefacts of the first version. Deviation: convolutions of stride 2 reflect one pixel on every side, where the
/// original does at the right and lower edge only.
/// @param width  channels times this; 1 is the original's 32 to 256.
Network generator(std::uint64_t seed, double width = 1);

}  // namespace atelier::methods::animegan2
