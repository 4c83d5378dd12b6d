#pragma once
#include <cstdint>

#include "networks/network.h"

namespace atelier::methods::animegan {

/// AnimeGAN's generator: input "picture" [N, 3, H, W] in [0, 1], H and W multiples of 4; output of the same size in
/// [0, 1]. Random parameters.
///
/// Paper: J. Chen, G. Liu, X. Chen, "AnimeGAN: A Novel Lightweight GAN for Photo Animation", ISICA 2019, figure 2:
/// convolutions with instance norm, separable convolutions, eight inverted residual blocks at a quarter of the size.
/// Deviation: the resized branch of the downsampling takes averages, where bilinear sampling at half the size skips
/// three of four pixels.
/// @param width  channels times this; 1 is the paper's 64, 128 and 256.
Network generator(std::uint64_t seed, double width = 1);

}  // namespace atelier::methods::animegan
