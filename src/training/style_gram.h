#pragma once
#include "networks/network.h"

namespace atelier {

/// Whether the network takes styles as matrices: has a CoMatch layer (Zhang & Dana 2017), whose second input they are.
bool takes_gram(const Network& network);

/// What such a network wants as that input for styles given as pictures: F Fᵀ / (C·H·W), [N, C, C], of the features F
/// that the network's own first layers, up to its CoMatch layer, make of them. Differentiable in their parameters: the
/// siamese part of the paper.
/// @param pictures  [N, 3, H, W] in [0, 1].
/// @throws Error    when the network has no such layer.
Tensor style_gram(const Network& network, const Tensor& pictures, torch::ScalarType compute = torch::kFloat);

}  // namespace atelier
