#pragma once
#include <cstdint>
#include <optional>

#include "networks/network.h"

namespace atelier::methods::johnson {

/// How the network becomes larger again.
enum class Upsampling {
  kTransposed,  ///< transposed convolutions of stride 2; zeros beyond the edge as TensorFlow's SAME pads; tanh at the
                ///< end
  kNearest,     ///< nearest neighbour, then a convolution: no checkerboards; reflected edges; nothing bounds the end
};

/// The shape of the network; the defaults are the paper's.
struct Shape {
  Upsampling upsampling = Upsampling::kNearest;
  std::int64_t full_width = 32;  ///< channels at full size
  std::int64_t half_width = 64;
  std::int64_t quarter_width = 128;
  int blocks = 5;       ///< residual blocks of two convolutions, at a quarter of the size
  int edge_kernel = 9;  ///< side of the first and the last convolution
};

/// A network that paints in one style: input "picture" [N, 3, H, W] in [0, 1], H and W multiples of 4; output of the
/// same size, mostly in [0, 1]. Random parameters.
///
/// Paper: Johnson, Alahi, Fei-Fei, "Perceptual Losses for Real-Time Style Transfer and Super-Resolution", ECCV 2016,
/// supplement, table 1, with instance norm for batch norm (Ulyanov et al. 2016). kTransposed is the network of
/// lengstrom/fast-style-transfer, src/transform.py; kNearest that of pytorch/examples, fast_neural_style.
Network painting_network(std::uint64_t seed, const Shape& shape = {});

/// Recognises a trained network of others by the names and shapes of its tensors, and turns it into ours: pictures in
/// [0, 1] in and out, everything else as it was trained.
/// - lengstrom/fast-style-transfer: Variable, Variable_1, ...: kernel, shift and scale of each layer in turn;
/// - pytorch/examples, fast_neural_style: conv1.conv2d.weight, in1.weight, res1.conv1.conv2d.weight, ...;
/// - jcjohnson/fast-neural-style, .t7 (see torch7_network.h).
/// @return         nothing when it is none of these.
/// @throws Error   when it is one of these but a tensor is missing or of the wrong shape.
std::optional<Network> read_johnson(const WeightSet& weights);

/// The same as a complete style model: the parameters in full precision, and the metadata that files of styles have.
std::optional<WeightSet> import_johnson(const WeightSet& weights);

}  // namespace atelier::methods::johnson
