#pragma once
#include <cstdint>

#include "networks/network.h"

namespace atelier::methods::cartoongan {

/// CartoonGAN's generator: input "picture" [N, 3, H, W] in [0, 1], H and W multiples of 4; output of the same size in
/// [0, 1]. Random parameters, 11.1 million of them at the full width.
///
/// Paper: Chen, Lai, Liu, "CartoonGAN: Generative Adversarial Networks for Photo Cartoonization", CVPR 2018, figure 2:
/// a 7×7 convolution, two halvings of two convolutions each, eight residual blocks of 256 channels, two enlargements, a
/// 7×7 convolution. Deviations: instance norm for batch norm, enlargement by nearest neighbour before a convolution for
/// transposed convolutions (no checkerboards), tanh at the end, as published code of it has.
/// @param width  channels times this; 1 is the paper's 64, 128 and 256.
Network generator(std::uint64_t seed, double width = 1, int blocks = 8);

}  // namespace atelier::methods::cartoongan
