#pragma once
#include "tensor/tensor.h"

namespace atelier::losses {

/// How much of a picture repeats every 8, 4 or 2 pixels, as upsampling layers leave it (Odena, Dumoulin, Olah,
/// "Deconvolution and Checkerboard Artifacts", Distill 2016): nearest and linear interpolation give a signal another
/// variance at each place of their grid, which a ReLU turns into another mean.
///
/// The picture minus its mean over 9 × 9 neighbours, in windows of up to 96 pixels; in each window and channel the mean
/// over the pixels of each of the 8 × 8 places of the grid; their variance, averaged over all. Textures of their own
/// average out: white noise of deviation s leaves s² / 144. Our own loss, the counterpart of the index
/// metrics/checkerboard.h, in windows because the pattern differs from one surface to the next.
///
/// @param picture  [N, C, H, W], floating point, H and W at least 24.
/// @return         scalar, in squared units of the picture.
/// @throws Error   if `picture` is not 4-D or too small.
Tensor upsampling_grid(const Tensor& picture);

}  // namespace atelier::losses
