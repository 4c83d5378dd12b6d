#pragma once
#include <cstdint>

#include "tensor/tensor.h"

namespace atelier {

/// The gradient of winograd_conv()'s weights, [out, in, 3, 3]: the transposes of the three transforms, in which the 36
/// products are summed over all places. Without gradients.
/// @param x         what the convolution took.
/// @param gradient  [N, out, H', W'], that of its result, float32, channels last.
Tensor winograd_weights_gradient(const Tensor& x, const Tensor& gradient, std::int64_t zeros);

}  // namespace atelier
