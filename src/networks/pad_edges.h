#pragma once
#include "tensor/tensor.h"

namespace atelier {

/// Widens every plane of [N, C, H, W] by `pixels` on each side, by reflection (the edge pixel not repeated) or by
/// repeating the edge. Differentiable. The same as torch::reflection_pad2d and replication_pad2d, which LibTorch 1.13
/// does not have for bfloat16 and which take a fifth of a small network's time in float.
/// @throws Error when reflection is asked of a plane not wider than `pixels`.
Tensor pad_edges(const Tensor& planes, std::int64_t pixels, bool reflect);

}  // namespace atelier
