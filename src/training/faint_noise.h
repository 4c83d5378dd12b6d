#pragma once
#include <cstdint>

#include "tensor/tensor.h"

namespace atelier {

/// `pictures` with what cameras and codecs add and nobody sees: to each its own Gaussian noise of up to three levels of
/// 255, of one value per cell of 1, 2, 4 or 8 pixels' height and width, or of the whole row or column, as JPEG leaves
/// in slow gradients.
/// @param pictures  [N, 3, H, W] in [0, 1].
/// @param seed      the same seed adds the same noise.
/// @return          of that shape, in [0, 1].
Tensor with_faint_noise(const Tensor& pictures, std::uint64_t seed);

}  // namespace atelier
