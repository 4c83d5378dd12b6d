#include "palette/colour_space.h"

#include <algorithm>
#include <cmath>

namespace atelier {
namespace {

std::array<double, 256> linear_values() {
  std::array<double, 256> values{};
  for (std::size_t i = 0; i < 256; ++i) {
    const double encoded = static_cast<double>(i) / 255;
    values[i] = encoded <= 0.04045 ? encoded / 12.92 : std::pow((encoded + 0.055) / 1.055, 2.4);
  }
  return values;
}

/// The cube of side 2^shift in which each colour lies, and how many cubes that makes.
std::size_t number_cubes(std::span<const OccupiedColour> colours, int shift, std::vector<std::uint32_t>& cubes) {
  const auto key = [shift](const Rgb8& rgb) {
    return static_cast<std::uint32_t>((rgb[0] >> shift) << 16 | (rgb[1] >> shift) << 8 | rgb[2] >> shift);
  };
  std::vector<std::uint32_t> keys;
  keys.reserve(colours.size());
  for (const auto& colour : colours) keys.push_back(key(colour.rgb));
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  cubes.resize(colours.size());
  std::transform(colours.begin(), colours.end(), cubes.begin(), [&](const OccupiedColour& colour) {
    return static_cast<std::uint32_t>(std::lower_bound(keys.begin(), keys.end(), key(colour.rgb)) - keys.begin());
  });
  return keys.size();
}

}  // namespace

Point3 to_lab(const Rgb8& colour) {
  static const auto kLinear = linear_values();
  const double red = kLinear[colour[0]], green = kLinear[colour[1]], blue = kLinear[colour[2]];
  // Rows of linear sRGB to XYZ divided by their sums, so that white is (1, 1, 1), as in tensor/colour_spaces.
  const auto root = [&](double r, double g, double b) {
    const double value = (r * red + g * green + b * blue) / (r + g + b);
    constexpr double kKnee = 6.0 / 29;  // CIE 15:2004
    return value > kKnee * kKnee * kKnee ? std::cbrt(value) : value / (3 * kKnee * kKnee) + 4.0 / 29;
  };
  const double x = root(0.4124, 0.3576, 0.1805), y = root(0.2126, 0.7152, 0.0722), z = root(0.0193, 0.1192, 0.9505);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

Point3 position(const Rgb8& colour, ColourSpace space) {
  if (space == ColourSpace::kLab) return to_lab(colour);
  return {static_cast<double>(colour[0]), static_cast<double>(colour[1]), static_cast<double>(colour[2])};
}

CoarseColours coarse_colours(std::span<const OccupiedColour> colours, ColourSpace space, std::size_t most) {
  CoarseColours coarse;
  std::size_t count = 0;
  for (int shift = 0; shift == 0 || count > most; ++shift) count = number_cubes(colours, shift, coarse.of_colours);
  coarse.points.assign(count, {});
  coarse.weights.assign(count, 0);
  for (std::size_t i = 0; i < colours.size(); ++i) {
    const auto point = position(colours[i].rgb, space);
    const auto cube = coarse.of_colours[i];
    coarse.weights[cube] += colours[i].pixels;
    for (std::size_t axis = 0; axis < 3; ++axis) coarse.points[cube][axis] += colours[i].pixels * point[axis];
  }
  for (std::size_t i = 0; i < count; ++i)
    for (auto& value : coarse.points[i]) value /= coarse.weights[i];
  return coarse;
}

}  // namespace atelier
