#pragma once
#include "tensor/tensor.h"

namespace atelier::losses {

/// Squared total variation per pixel: Σ ((x_{i,j+1} − x_{i,j})² + (x_{i+1,j} − x_{i,j})²) / (N·H·W),
/// summed over channels.
///
/// Paper: the smoothness prior Υ of Li & Wand, CVPR 2016, and of Johnson et al., ECCV 2016
/// (after Mahendran & Vedaldi 2015, β = 2). Differs: divided by the number of pixels, so that a
/// weight means the same at every size.
///
/// @param picture  [N, C, H, W], floating point.
/// @return         scalar; 0 for a constant picture.
/// @throws Error   if `picture` is not 4-D or has no pixels.
Tensor tv_squared(const Tensor& picture);

/// The same with each pixel's differences, to the right and downwards, times its weight.
///
/// @param weight  [1 or N, 1, H, W], finite.
/// @throws Error  if the shapes do not fit.
Tensor weighted_tv_squared(const Tensor& picture, const Tensor& weight);

/// The same with absolute differences: keeps edges sharper (Rudin, Osher, Fatemi 1992, anisotropic).
Tensor tv_absolute(const Tensor& picture);

}  // namespace atelier::losses
