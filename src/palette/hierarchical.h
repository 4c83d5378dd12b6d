#pragma once
#include <cstdint>
#include <span>

#include "palette/colour_space.h"

namespace atelier {

/// How far apart two groups of pixels are when it is decided which to join next.
enum class Linkage {
  kWard,     ///< by how much joining them raises the sum of squared distances from the means (Ward 1963)
  kAverage,  ///< the mean distance between a pixel of one and a pixel of the other
};

struct HierarchicalOptions {
  int clusters = 8;  ///< 1 … 256; fewer come out where the picture has fewer colours
  ColourSpace space = ColourSpace::kRgb;
  Linkage linkage = Linkage::kWard;
};

/// The colours of 8-bit pixels in `clusters` groups by joining the two nearest groups over and over (by chains of
/// nearest neighbours; Murtagh 1983). Clusters are numbered by falling share; there is no noise.
///
/// Works on distinct colours with their counts as weights; beyond 1024 of them, on that many means of neighbouring
/// colours at most, each of which then keeps its colours together. Memory: 8 MB at most beside the colours.
/// @param rgb  interleaved R G B, 0 … 255.
/// @throws Error for no pixels, a broken pixel, or options out of range.
ColourClusters hierarchical_colours(std::span<const std::uint8_t> rgb, const HierarchicalOptions& options = {});

/// For each of weighted points, its group (from 0, in the order of the first point) when joining stops at `clusters`.
std::vector<std::uint32_t> join_points(std::span<const Point3> points, std::span<const double> weights,
                                       std::size_t clusters, Linkage linkage);

}  // namespace atelier
