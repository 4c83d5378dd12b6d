#pragma once
#include "tensor/tensor.h"

namespace atelier {

/// The whole transposed convolution of x [N, in, H, W] with weight [in, out / groups, k, k] and bias [out] (may be
/// undefined): [N, out, (H − 1)·stride + k, (W − 1)·stride + k]. Differentiable.
///
/// In bfloat16 it is computed as one convolution per phase of the result (there are stride²), interleaved:
/// LibTorch 1.13 mistakes a transposed convolution of bfloat16 in main memory for a plain one and refuses it. In float
/// without gradients too, where that is three to four times as fast. One in groups, which no network here has, is
/// computed in float by LibTorch.
Tensor transposed_conv(const Tensor& x, const Tensor& weight, const Tensor& bias, std::int64_t stride,
                       std::int64_t groups = 1);

}  // namespace atelier
