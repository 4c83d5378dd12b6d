#pragma once
#include <cstdint>
#include <string>

#include "networks/network.h"

/// The networks of sketch-color. Pictures are [N, 3, H, W] in [0, 1].
namespace atelier::methods::sketch_color {

/// How many times smaller than the picture the middle of the painter is, where the hint comes in.
constexpr std::int64_t kMiddle = 8;

struct PainterShape {
  std::int64_t width = 32;  ///< channels at full size; twice, four and eight times as many below
  int blocks = 4;           ///< residual blocks in the middle
};

/// Paints a sketch: a U-Net with residual blocks in its middle, to whose entry the style's hint is added.
///
/// Inputs "picture", a grey sketch, sides multiples of kMiddle, and "hint" [N, hints, H / kMiddle, W / kMiddle], a
/// style's code at every place (hint.h); nodes "entry" and "middle", what comes into the middle and leaves it, for the
/// guides. The codes are brought to one scale by "hint_norm", a norm by stored statistics.
///
/// Paper: Zhang, Ji, Lin 2017 (arXiv 1706.03319), section 3.1. Deviations: three halvings and convolutions 3×3 on the
/// way back, after nearest neighbour; instance norm on the way in only, since behind the hint it would take away again
/// what was added, and layer norm there.
Network painter(std::uint64_t seed, std::int64_t hints, const PainterShape& shape = {});

/// A painter's model file: the graph and parameters in half precision, "kind" = "painter" and the name of the encoder
/// whose features make its hints.
WeightSet painter_model(const Network& painter, const std::string& encoder);

/// A guide decoder: makes a picture of "features", the painter's at its entry or behind its middle, so that gradients
/// reach there on a short way. Paper: section 3.1. Its output has `channels` channels and is in [0, 1].
Network guide(std::uint64_t seed, std::int64_t channels, const PainterShape& shape = {});

}  // namespace atelier::methods::sketch_color
