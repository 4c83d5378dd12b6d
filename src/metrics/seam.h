#pragma once
#include "atelier/image.h"

namespace atelier {

/// Seams between tiles: how much steeper luma is across the lines x = k·period and y = k·period than across the four
/// lines on each side of them, as a share. Mean |difference| over the seams divided by that beside them, less 1; a
/// quarter of an 8-bit step is added to both, so that flat pictures have a defined one.
///
/// 0 ± 0.1 without seams, 1 when the step across a seam is on average twice that beside it.
///
/// @param period  the tiles' side in pixels, at least 16; the first tile starts at the corner.
/// @throws Error  for a smaller period, a picture that it does not divide at all, or NaN.
double seam_index(const Image& image, int period);

}  // namespace atelier
