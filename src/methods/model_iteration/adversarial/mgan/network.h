#pragma once
#include <cstdint>

#include "networks/network.h"

namespace atelier::methods::mgan {

/// Where the generator starts and where the critic looks, as in the paper.
inline constexpr const char* kGeneratorTap = "relu4_1";
inline constexpr const char* kCriticTap = "relu3_1";
/// The content term compares here.
inline constexpr const char* kContentTap = "relu5_1";
/// Sides of pictures must be multiples of this: relu4_1 lies behind three poolings.
inline constexpr std::int64_t kMultiple = 8;

/// Turns features at relu4_1 into a picture: input "features" [N, channels, h, w], output [N, 3, 8h, 8w] in [0, 1].
/// Random parameters.
///
/// Paper: C. Li, M. Wand, "Precomputed Real-Time Texture Synthesis with Markovian Generative Adversarial Networks",
/// ECCV 2016, §4.2: a 3×3 convolution and three fractionally strided ones, with norm and (leaky) ReLU, tanh.
/// Deviations: enlargement by nearest neighbour before a 3×3 convolution (no checkerboards), instance norm for batch
/// norm.
/// @param width  channels after the first convolution; they halve with each enlargement.
Network generator(std::uint64_t seed, std::int64_t channels, std::int64_t width = 256);

/// Tells patches of features at relu3_1, real from made: input "features" [N, channels, h, w], verdicts [N, 1, h, w],
/// one per patch, not squashed. Paper: the same, the encoder's features under a convolutional classifier of patches.
Network critic(std::uint64_t seed, std::int64_t channels, std::int64_t width = 128);

}  // namespace atelier::methods::mgan
