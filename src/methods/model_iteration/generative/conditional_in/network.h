#pragma once
#include <cstdint>

#include "networks/network.h"

namespace atelier::methods::conditional_in {

/// The shape of the painting network: channels at each size, and residual blocks of two convolutions.
struct Shape {
  int edge_width = 16;
  int half_width = 32;
  int quarter_width = 64;
  int eighth_width = 128;
  int quarter_blocks = 2;
  int eighth_blocks = 3;
};

/// A network that paints in `styles` styles: inputs "picture" [N, 3, H, W], H and W multiples of 8, and "shares"
/// [N, styles]; output [N, 3, H, W], mostly in [0, 1].
///
/// Convolutions of stride 2 down to an eighth, residual blocks there; back to a quarter, where the features of the way
/// down are added and further residual blocks follow; bilinear enlargement and convolutions to full size. Every
/// convolution but the last is followed by a norm whose scale and shift are the style's own.
/// Paper: Dumoulin, Shlens, Kudlur, "A Learned Representation for Artistic Style", ICLR 2017. Deviations: blocks on two
/// scales instead of one, so that large forms cost little and fine strokes have their own; 5×5 instead of 9×9 layers; a
/// linear output, because behind a sigmoid or tanh the loss cannot reach what has become white.
Network painting_network(std::int64_t styles, std::uint64_t seed, const Shape& shape = {});

}  // namespace atelier::methods::conditional_in
