#pragma once
#include <string>
#include <vector>

#include "atelier/image.h"

namespace atelier {

/// One channel of a picture in double precision, row by row.
struct Plane {
  int width = 0, height = 0;
  std::vector<double> values;

  Plane() = default;
  Plane(int w, int h) : width(w), height(h), values(static_cast<std::size_t>(w) * static_cast<std::size_t>(h)) {}
  double& at(int x, int y) { return row(y)[x]; }
  double at(int x, int y) const { return row(y)[x]; }
  double* row(int y) { return values.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width); }
  const double* row(int y) const {
    return values.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
  }
};

/// R (0), G (1) or B (2) of a picture, sRGB-encoded, 0 … 1.
Plane channel_of(const Image& image, int channel);

/// Y' = 0.299 R' + 0.587 G' + 0.114 B' of encoded values (ITU-R BT.601), not rounded.
Plane luma_of(const Image& image);

/// The colours in which a metric of one channel is taken of a picture of three.
enum class MetricColour {
  kRgbMean,  ///< of R, G and B each, then the mean
  kLuma,     ///< of luma_of()
};

/// The planes that `colour` names: three or one.
std::vector<Plane> planes_of(const Image& image, MetricColour colour);

/// @throws Error unless `image` is whole, finite and at least `shortest_side` pixels wide and high.
void require_measurable(const Image& image, const std::string& metric, int shortest_side = 1);

/// require_measurable() of both. @throws Error when their sizes differ, too.
void require_comparable(const Image& a, const Image& b, const std::string& metric, int shortest_side = 1);

}  // namespace atelier
