#pragma once
#include "atelier/image.h"

namespace atelier {

/// `image` with its edges blurred and nothing else changed: what the discriminators of CartoonGAN (Chen, Lai, Liu,
/// CVPR 2018, section 3.2) and AnimeGAN (Chen et al. 2019) learn to reject, so that generators draw clear edges.
///
/// Canny's edges of the grey picture (thresholds 100 and 200 of 255) are dilated by 5 × 5 pixels; there each pixel
/// becomes the mean of 5 × 5 under a Gaussian of σ = 1.1. These are the values of AnimeGAN's edge smoothing. Alpha is
/// kept.
/// @throws Error when the picture has no pixels.
Image smooth_edges(const Image& image);

}  // namespace atelier
