#pragma once
#include "tensor/tensor.h"

namespace atelier::losses {

/// How flat a photo is around each pixel:
///
///     1 / (1 + m / s²),   s = 3 / 255,
///
/// m being the mean over 15 × 15 pixels of the squared differences to the right and downwards, a mean over the
/// channels; there are none beyond the edge. One for a plain wall, 0.8 for a clear sky with the noise of a camera,
/// below 0.1 for leaves or bricks.
///
/// @param photo   [N, C, H, W] in [0, 1], floating point.
/// @return        [N, 1, H, W] in (0, 1].
/// @throws Error  if `photo` is not 4-D or has no pixels.
Tensor flatness(const Tensor& photo);

}  // namespace atelier::losses
