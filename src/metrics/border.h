#pragma once
#include "atelier/image.h"

namespace atelier {

/// How unlike its inside a picture's border is, beyond what the photo's is: padded convolutions darken, bleach or
/// smear the outermost pixels.
///
/// On each of the four sides an outer band (1/32 of the shorter side, at least 4 pixels) is compared with the band of
/// twice that width inside it, in five statistics: the means of R, G and B and the deviation of luma, in units of the
/// whole picture's deviation of luma, and the mean step between neighbours, in units of the whole picture's. The index
/// is the root mean square, over sides and statistics, of the result's differences less the photo's. A change of
/// brightness or contrast of the whole picture does not count.
///
/// 0 for the photo itself; a border one deviation darker than the inside all round gives about 0.8.
///
/// @param result, photo  of one size, at least 32 × 32.
/// @throws Error         when sizes differ, a picture is too small or holds NaN.
double border_index(const Image& result, const Image& photo);

}  // namespace atelier
