#pragma once
#include "tensor/tensor.h"

namespace atelier::losses {

/// How much a picture's colours drift where its photo is flat: between neighbouring cells of 16 × 16 pixels, whose
/// means strokes and texture hardly move,
///
///     mean over pairs of cells of  |Δpicture|² · exp(−|Δphoto|² / s²),   s = 0.03,
///
/// both squares being means over the channels. A network whose norms see the whole picture otherwise likes to put a
/// spot of another of the style's colours in the middle of a clear sky.
///
/// Paper: the smoothness term of Godard, Mac Aodha, Brostow, CVPR 2017, after Heise et al., ICCV 2013. Differs: of
/// colours, over cells, squared.
///
/// @param picture, photo  [N, C, H, W] of the same shape, in [0, 1], floating point, H and W at least 32.
/// @return                scalar; 0 for a picture whose cells have one colour.
/// @throws Error          if they are not 4-D, too small or of different shapes.
Tensor edge_aware_smoothness(const Tensor& picture, const Tensor& photo);

}  // namespace atelier::losses
