#pragma once
#include <cstdint>

#include "tensor/tensor.h"

namespace atelier {

/// conv2d(x, weight, bias, stride, padding `zeros`) of pictures that lie in memory pixel by pixel, and its gradients,
/// each by the fastest way known here: Winograd's for 3 × 3 (tensor/winograd_conv.h), several pixels at once where
/// there are few outputs (networks/few_outputs_conv.h), oneDNN's behind LibTorch otherwise. Differentiable twice.
/// @param x       [N, in, H, W], channels last, on the processor, as the result is.
/// @param weight  [out, in / groups, k, k].
/// @param bias    [out], or undefined.
Tensor conv_of_pixels(const Tensor& x, const Tensor& weight, const Tensor& bias, std::int64_t stride,
                      std::int64_t zeros, std::int64_t groups);

}  // namespace atelier
