#pragma once
#include "atelier/image.h"

namespace atelier {

/// Peak signal-to-noise ratio over all samples of R, G and B: −10 log10 of the mean squared difference, in dB, for
/// values in 0 … 1. Infinite for equal pictures.
/// @throws Error when sizes differ or a picture holds NaN.
double psnr(const Image& a, const Image& b);

}  // namespace atelier
