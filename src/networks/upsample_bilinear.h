#pragma once
#include "tensor/tensor.h"

namespace atelier {

/// Planes [N, C, h, w] twice as large, bilinear, between pixel centres: result 2i lies a quarter before source i,
/// result 2i + 1 a quarter behind it, and beyond the edge the last value is repeated; what LibTorch's
/// upsample_bilinear2d gives without aligned corners. Differentiable any number of times; float, double or bfloat16.
///
/// On the processor by a kernel of its own: LibTorch's took a fifth of the time of painting with the gallery and a
/// third of its training.
/// @throws Error for planes without pixels.
Tensor upsample_bilinear_twice(const Tensor& planes);

}  // namespace atelier
