#pragma once
#include <cstdint>

#include "networks/network.h"

namespace atelier::methods::content_gan {

constexpr std::int64_t kDigitSide = 28, kCodeSize = 100;

/// The dense generator of the article (see README.md), §5.2: 100 → 256 → 512 → 1024 → 784
/// with batch norm and leaky ReLU (0.3) between, tanh at the end. Input "code" [N, 100, 1, 1]; a grey picture
/// [N, 1, 28, 28] in [0, 1]. A dense layer is a 1×1 convolution of one pixel.
/// @param code_dropout  share of the code that is dropped while learning (§4.2, λ₁).
/// @param narrower      divides the three inner widths.
Network dense_generator(std::uint64_t seed, double code_dropout = 0, std::int64_t narrower = 1);

/// What a critic of content-gan is made of.
struct CriticShape {
  std::int64_t channels = 3;   ///< of the pictures: 1 for digits
  std::int64_t width = 64;     ///< of its first layer; twice as many in the second
  double dropout = 0.3;        ///< after each layer
  double picture_dropout = 0;  ///< of what it is shown (§4.2, λ₂)
};

/// The convolutional critic of §5.2: two 3×3 convolutions of stride 2 with leaky ReLU (0.3) and dropout, then one
/// verdict for every 7 × 7 of their values, which for 28 × 28 pixels is the text's dense layer.
Network convolutional_critic(std::uint64_t seed, const CriticShape& shape);

}  // namespace atelier::methods::content_gan
