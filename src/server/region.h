#pragma once
#include <vector>

#include "atelier/image.h"

namespace atelier::server {

enum class RegionShape {
  kObject,      ///< what is shown at the points, told from its surroundings by colour
  kSuperpixel,  ///< the small patch of like colour around each point
};

/// A place in a picture, 0 … 1 from the left and from the top.
struct Place {
  double x = 0, y = 0;
};

/// The part of a picture that clicks mean, as a mask: white inside, black outside, of the picture's size. Each of
/// `wanted` is inside and each of `unwanted` outside; what is shown at the latter is taken away.
///
/// Each object is grown from patches (grown_region()), and its outline then fitted to the pixels in a narrow band by
/// GrabCut (Rother, Kolmogorov, Blake, SIGGRAPH 2004, as in OpenCV), for which everything further out is surely
/// background. The same clicks always give the same mask.
///
/// @param picture   at least 16 pixels a side; give one of some 512 pixels.
/// @param wanted    at least one.
/// @throws Error    for a place outside, a patch both wanted and unwanted, or a picture too small.
Image region_at(const Image& picture, const std::vector<Place>& wanted, const std::vector<Place>& unwanted,
                RegionShape shape);

}  // namespace atelier::server
