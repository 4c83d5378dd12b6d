#pragma once
#include <cstdint>
#include <span>

#include "palette/colour_space.h"

namespace atelier {

struct KMeansOptions {
  int clusters = 8;  ///< 1 … 256; fewer come out where the picture has fewer colours
  ColourSpace space = ColourSpace::kRgb;
  std::uint64_t seed = 0;  ///< of the first centres
};

/// The colours of 8-bit pixels in `clusters` groups by k-means: first centres by k-means++ (Arthur and Vassilvitskii,
/// SODA 2007), then Lloyd's rounds until no centre moves by more than 0.001 (at most 100). Clusters are numbered by
/// falling share; there is no noise.
///
/// Works on distinct colours with their counts as weights. Beyond 65,536 of them the centres are found on that many
/// means of neighbouring colours at most; every colour then goes to its nearest centre.
/// @param rgb  interleaved R G B, 0 … 255.
/// @throws Error for no pixels, a broken pixel, or options out of range.
ColourClusters kmeans_colours(std::span<const std::uint8_t> rgb, const KMeansOptions& options = {});

}  // namespace atelier
