#pragma once
#include <cstdint>

#include "atelier/image.h"

namespace atelier {

/// How far two palettes lie apart: the sliced Wasserstein distance of order 1 between the clouds of the pictures' 8-bit
/// pixels in CIE L*a*b* (Rabin, Peyré, Delon, Bernot, "Wasserstein barycenter and its application to texture mixing",
/// 2011; distance after Bonneel et al. 2015): the mean over directions of the area between the two distributions along
/// the direction. Places in the picture do not matter, and the sizes may differ.
///
/// @param seed        of the directions, spread evenly over the sphere.
/// @param directions  their number; 64 keep the error of the mean below some percent.
/// @return            in units of L*a*b*: a shift of all colours by d gives about d/2 (the mean of |cos|).
/// @throws Error      when a picture is empty or holds NaN, or for no directions.
double sliced_wasserstein_lab(const Image& a, const Image& b, std::uint64_t seed = 0, int directions = 64);

}  // namespace atelier
