#pragma once
#include <cstdint>

#include "tensor/tensor.h"
#include "tensor/winograd_transforms.h"

/// 3 × 3 convolutions by minimal filtering F(4 × 4, 3 × 3), 2.25 multiplications per result and channel instead of 9.
/// Paper: Lavin & Gray, Fast Algorithms for Convolutional Neural Networks, CVPR 2016, 4.3. In float32; differs from the
/// plain sum by some 1e-6 of the values' root mean square, and not with the number of threads.
namespace atelier {

/// Whether winograd_conv() takes pictures [batch, in, height, width] for `out` channels and is the faster way here: a
/// processor with AVX2, multiples of 16 channels from 32 on, not too small a map.
bool winograd_pays(std::int64_t batch, std::int64_t in, std::int64_t out, std::int64_t height, std::int64_t width);

/// Weights [out, in, 3, 3] as winograd_conv() wants them, [36, in, out].
Tensor winograd_weights(const Tensor& weights);

/// conv2d(x, weights, bias, stride 1, padding `zeros`), and its ReLU if wanted. Without gradients.
/// @param x        [N, in, H, W], float32, channels last, as the result is.
/// @param weights  of winograd_weights().
/// @param bias     [out], or undefined.
Tensor winograd_conv(const Tensor& x, const Tensor& weights, const Tensor& bias, std::int64_t zeros,
                     Rectified rectified = Rectified::kNo);

}  // namespace atelier
