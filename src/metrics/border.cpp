#include "metrics/border.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "metrics/plane.h"

namespace atelier {
namespace {

constexpr int kShortestSide = 32;
constexpr double kFloor = 1.0 / 255;  // least deviation and step to divide by

struct Area {
  int left, top, right, bottom;  // the last two outside
};

struct Planes {
  std::vector<Plane> rgb;
  Plane luma;
};

double mean_of(const Plane& plane, const Area& area) {
  double sum = 0;
  for (int y = area.top; y < area.bottom; ++y)
    for (int x = area.left; x < area.right; ++x) sum += plane.at(x, y);
  return sum / ((area.right - area.left) * (area.bottom - area.top));
}

double deviation_of(const Plane& plane, const Area& area) {
  const double mean = mean_of(plane, area);
  double sum = 0;
  for (int y = area.top; y < area.bottom; ++y)
    for (int x = area.left; x < area.right; ++x) sum += (plane.at(x, y) - mean) * (plane.at(x, y) - mean);
  return std::sqrt(sum / ((area.right - area.left) * (area.bottom - area.top)));
}

/// Mean of |to the right| + |downwards|, both inside the area.
double step_of(const Plane& plane, const Area& area) {
  double sum = 0;
  for (int y = area.top; y + 1 < area.bottom; ++y)
    for (int x = area.left; x + 1 < area.right; ++x)
      sum += std::abs(plane.at(x + 1, y) - plane.at(x, y)) + std::abs(plane.at(x, y + 1) - plane.at(x, y));
  return sum / ((area.right - area.left - 1) * (area.bottom - area.top - 1));
}

using Statistics = std::array<double, 5>;

Statistics statistics_of(const Planes& planes, const Area& area) {
  return {mean_of(planes.rgb[0], area), mean_of(planes.rgb[1], area), mean_of(planes.rgb[2], area),
          deviation_of(planes.luma, area), step_of(planes.luma, area)};
}

/// Differences of the outer band against the inner one, side by side: left, right, top, bottom.
std::array<Statistics, 4> differences(const Image& image) {
  const Planes planes{planes_of(image, MetricColour::kRgbMean), luma_of(image)};
  const int w = image.width, h = image.height, band = std::max(4, std::min(w, h) / 32);
  const Area whole{0, 0, w, h};
  const double deviation = deviation_of(planes.luma, whole) + kFloor, step = step_of(planes.luma, whole) + kFloor;
  const std::array<std::array<Area, 2>, 4> sides = {{
      {Area{0, 0, band, h}, Area{band, 0, 3 * band, h}},
      {Area{w - band, 0, w, h}, Area{w - 3 * band, 0, w - band, h}},
      {Area{0, 0, w, band}, Area{0, band, w, 3 * band}},
      {Area{0, h - band, w, h}, Area{0, h - 3 * band, w, h - band}},
  }};
  std::array<Statistics, 4> result{};
  for (std::size_t side = 0; side < sides.size(); ++side) {
    const auto outer = statistics_of(planes, sides[side][0]), inner = statistics_of(planes, sides[side][1]);
    for (std::size_t i = 0; i < outer.size(); ++i)
      result[side][i] = (outer[i] - inner[i]) / (i + 1 < outer.size() ? deviation : step);
  }
  return result;
}

}  // namespace

double border_index(const Image& result, const Image& photo) {
  require_comparable(result, photo, "border", kShortestSide);
  const auto of_result = differences(result), of_photo = differences(photo);
  double sum = 0;
  for (std::size_t side = 0; side < of_result.size(); ++side)
    for (std::size_t i = 0; i < of_result[side].size(); ++i) sum += std::pow(of_result[side][i] - of_photo[side][i], 2);
  return std::sqrt(sum / static_cast<double>(of_result.size() * of_result[0].size()));
}

}  // namespace atelier
