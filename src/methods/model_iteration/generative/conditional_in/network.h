#pragma once
#include <cstdint>

#include "networks/network.h"

namespace atelier::methods::conditional_in {

/// The shape of the painting network.
struct Shape {
  int edge_width = 16;  ///< channels at full size
  int half_width = 32;  ///< ... at half
  int quarter_width = 64;
  int eighth_width = 128;  ///< 0: the residual blocks work at a quarter of the size
  int blocks = 5;          ///< residual blocks of two convolutions
};

/// A network that paints in `styles` styles: inputs "picture" [N, 3, H, W], H and W multiples of 8, and "shares"
/// [N, styles]; output [N, 3, H, W], mostly in [0, 1].
///
/// Convolutions of stride 2 down to an eighth, residual blocks there, nearest upsampling and convolutions back; every
/// convolution but the last is followed by a norm whose scale and shift are the style's own.
/// Paper: Dumoulin, Shlens, Kudlur, "A Learned Representation for Artistic Style", ICLR 2017. Deviations: the residual
/// blocks work at an eighth of the size and not at a quarter, where they see four times as far at a quarter of the
/// cost; 5×5 instead of 9×9 layers; tanh stretched by 12 %, so that black and white are within reach.
Network painting_network(std::int64_t styles, std::uint64_t seed, const Shape& shape = {});

}  // namespace atelier::methods::conditional_in
