#pragma once
#include <cstdint>
#include <vector>

#include "networks/network.h"

namespace atelier::methods::msg_net {

/// The sizes of the network; the defaults are those of the authors' published model (ngf 128).
struct Shape {
  std::int64_t width = 16;  ///< the CoMatch layer has 32 times as many channels, the layers at full size 4 times
  int blocks = 6;           ///< residual blocks after the CoMatch layer
};

/// A network that paints like any picture: inputs "picture" [N, 3, H, W] in [0, 1], H and W multiples of 4, and "gram"
/// [N or 1, C, C], C = 32 · width, what style_gram() (training/style_gram.h) makes of the style; output [N, 3, H, W],
/// mostly in [0, 1]. Random parameters.
///
/// A 7×7 convolution and two bottlenecks of stride 2 down to a quarter; the CoMatch layer; bottlenecks; two bottlenecks
/// that enlarge, by nearest neighbour before the convolution; a 7×7 convolution. Bottlenecks are pre-activated (norm,
/// ReLU, convolution; 1×1, 3×3, 1×1), with a shortcut, which is a 1×1 convolution where the shape changes.
/// Paper: Zhang & Dana, "Multi-style Generative Network for Real-time Transfer", 2017, sections 3 and 4 and the
/// authors' PyTorch-Multi-Style-Transfer. Deviation: norms have a scale and a shift.
Network painting_network(std::uint64_t seed, const Shape& shape = {});

/// Sets the weight W of the CoMatch layer to the inverse of the mean of `grams`, so that a style like that mean leaves
/// the photo's features as they are (section 3.2: the W that keeps the content) and training goes on from there.
/// @param grams  [1, C, C] each, as style_gram() makes them; at least one. Directions in which they hold less than a
///               hundredth of what they hold on average are damped.
void start_with_content(Network& network, const std::vector<Tensor>& grams);

}  // namespace atelier::methods::msg_net
