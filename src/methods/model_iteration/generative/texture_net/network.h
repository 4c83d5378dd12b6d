#pragma once
#include <cstdint>

#include "networks/network.h"

namespace atelier::methods::texture_net {

/// How the generator normalises.
enum class Norm {
  kInstance,  ///< by each picture: Ulyanov, Vedaldi, Lempitsky, "Instance Normalization", 2016
  kBatch,     ///< by stored statistics of the training: the paper of the networks
};

struct Shape {
  int scales = 6;          ///< the photo at 1, 1/2, ... 1/2^(scales − 1) of its size
  std::int64_t width = 8;  ///< channels of each scale; joined scales have the sum
  std::int64_t noise = 3;  ///< channels of noise at each scale
  Norm norm = Norm::kInstance;
};

/// The multi-scale generator: inputs "picture" [N, 3, H, W] in [0, 1], H and W multiples of 2^(scales − 1), and "noise"
/// [N, scales · noise, H, W] uniform in [0, 1) (networks/noise_input.h); output [N, 3, H, W], mostly in [0, 1]. At each
/// scale photo and noise pass three convolutions (3×3, 3×3, 1×1, each with norm and leaky ReLU); from the coarsest on,
/// the result is enlarged, joined to the next scale's, each side normalised, and passes three more. Random parameters.
///
/// Paper: Ulyanov, Lebedev, Vedaldi, Lempitsky, "Texture Networks: Feed-forward Synthesis of Textures and Stylized
/// Images", ICML 2016, section 4.3 and figure 2. Deviations: edges are repeated, not circular (the authors' choice for
/// photos, models/pyramid.lua); each scale takes its noise from one input by a 1×1 convolution with stride that starts
/// as the selection of its own channels and may be learnt.
Network generator_network(std::uint64_t seed, const Shape& shape = {});

}  // namespace atelier::methods::texture_net
