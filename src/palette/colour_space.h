#pragma once
#include <array>
#include <span>
#include <vector>

#include "palette/colour_clusters.h"

namespace atelier {

/// Where distances between colours are measured.
enum class ColourSpace {
  kRgb,  ///< R, G, B from 0 to 255, sRGB-encoded
  kLab,  ///< CIE L*a*b* (D65, 2°): L from 0 to 100
};

using Point3 = std::array<double, 3>;

/// `colour` in CIE L*a*b* (D65, 2°; sRGB by IEC 61966-2-1).
Point3 to_lab(const Rgb8& colour);

/// `colour` as a point of `space`.
Point3 position(const Rgb8& colour, ColourSpace space);

/// |a − b|².
inline double squared_distance(const Point3& a, const Point3& b) {
  double sum = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) sum += (a[axis] - b[axis]) * (a[axis] - b[axis]);
  return sum;
}

/// Weighted points that stand for many colours.
struct CoarseColours {
  std::vector<Point3> points;             ///< mean positions of their pixels
  std::vector<double> weights;            ///< pixels
  std::vector<std::uint32_t> of_colours;  ///< for each colour, the point that stands for it
};

/// At most `most` points for `colours`: one each if there are not more, else one per occupied cube of the smallest side
/// (2, 4, 8 … in R, G, B) that leaves so few.
/// @param most  at least 8.
CoarseColours coarse_colours(std::span<const OccupiedColour> colours, ColourSpace space, std::size_t most);

}  // namespace atelier
