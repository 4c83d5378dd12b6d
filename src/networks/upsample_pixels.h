#pragma once
#include "tensor/tensor.h"

/// What upsample_bilinear_twice() and its gradient are made of, for pictures whose channels are last in memory.
namespace atelier {

/// Twice as large, [N, C, 2h, 2w] from [N, C, h, w]. Without gradients.
Tensor enlarged_pixels(const Tensor& pixels);

/// The transpose: [N, C, h, w] from [N, C, 2h, 2w]. Without gradients.
Tensor enlarged_pixels_back(const Tensor& pixels);

}  // namespace atelier
