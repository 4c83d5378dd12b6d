#pragma once
#include <optional>

#include "networks/network.h"
#include "weights/weight_set.h"

namespace atelier::methods::cartoongan {

/// The generator of white-box cartoonisation, from a file with its convolutions in their order: "conv01.weight" [out,
/// in, k, k] and "conv01.bias" to "conv18". Widths and the number of residual blocks are read from the file.
///
/// Paper: X. Wang, J. Yu, "Learning to Cartoonize Using White-box Cartoon Representations", CVPR 2020, §3.4 and
/// appendix: a U-Net of convolutions with TensorFlow's SAME padding and leaky ReLU (0.2), two halvings by stride 2,
/// residual blocks at a quarter of the size, two bilinear enlargements to which the values of the way in are added, a
/// convolution without activation; then a guided filter (radius 1, epsilon 0.005) with the photo as guide, which takes
/// away a fine texture of dots. Inside, pictures are in [-1, 1].
/// @return        input "picture" [N, 3, H, W] in [0, 1], H and W multiples of 4; nothing for other weights.
/// @throws Error  when it is such a network and a convolution is missing or does not fit the others.
std::optional<Network> read_white_box(const WeightSet& weights);

/// The same as a complete style model of cartoongan's.
std::optional<WeightSet> import_white_box(const WeightSet& weights);

}  // namespace atelier::methods::cartoongan
