#pragma once
#include "atelier/image.h"

namespace atelier::server {

enum class RegionShape {
  kObject,      ///< what is shown at the point, told from its surroundings by colour (GrabCut)
  kSuperpixel,  ///< the small patch of like colour around the point (watershed from a grid of seeds)
};

/// The part of a picture that a click means, as a mask: white inside, black outside, of the picture's size.
///
/// GrabCut: Rother, Kolmogorov, Blake, SIGGRAPH 2004, started from a disc around the point, with the picture's rim as
/// sure background. Watershed: Meyer, "Color image segmentation", 1992. Both as in OpenCV, always with the same result.
///
/// @param picture  at least 16 pixels a side; give one of some 512 pixels, for it takes about a second then.
/// @param x, y     the point, 0 … 1 from the left and from the top.
/// @throws Error   for a point outside, or a picture too small.
Image region_at(const Image& picture, double x, double y, RegionShape shape);

}  // namespace atelier::server
