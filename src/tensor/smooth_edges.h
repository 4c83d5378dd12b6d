#pragma once
#include "tensor/tensor.h"

namespace atelier {

/// Pictures with their edges blurred, as CartoonGAN (Chen, Lai, Liu, CVPR 2018, §3.2) shows them to its critic as
/// pictures that are not good enough: where there is an edge, widened to 5 × 5 pixels, a Gaussian of 5 × 5 takes the
/// picture's place. Edges are where the Sobel gradient of luma is above 0.2 of the change from black to white (the
/// paper names Canny's detector, which thins edges that are then widened again).
/// @param pictures  [N, 3, H, W] in [0, 1], sides of at least 3.
/// @return          the same shape.
/// @throws Error    when they are of another shape.
Tensor smooth_edges(const Tensor& pictures);

}  // namespace atelier
