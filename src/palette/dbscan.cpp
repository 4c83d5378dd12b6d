#include "palette/dbscan.h"

#include <cmath>

#include "atelier/error.h"
#include "palette/dbscan_lattice.h"
#include "palette/dbscan_points.h"

namespace atelier {
namespace {

constexpr double kSmallestEps = 0.01, kLargestEps = 64;

void check(std::span<const std::uint8_t> rgb, const DbscanOptions& options) {
  check_pixels(rgb);
  require(options.eps >= kSmallestEps && options.eps <= kLargestEps, "eps is out of range; give 0.01 to 64");
  require(options.min_points >= 1, "min-points is out of range; give 1 or more");
}

bool serves_lattice(const DbscanOptions& options) {
  return options.space == ColourSpace::kRgb && fits_lattice(options.eps * options.eps, options.min_points);
}

/// By the general way: colours counted once, then clustered as weighted points.
ColourClusters cluster_points(std::span<const std::uint8_t> rgb, const DbscanOptions& options) {
  ColourClusters result;
  result.colours = count_colours(rgb);
  std::vector<Point3> points;
  std::vector<std::uint32_t> weights;
  points.reserve(result.colours.size());
  weights.reserve(result.colours.size());
  for (const auto& colour : result.colours) {
    const auto& [red, green, blue] = colour.rgb;
    points.push_back(options.space == ColourSpace::kLab ? to_lab(colour.rgb)
                                                        : Point3{double(red), double(green), double(blue)});
    weights.push_back(colour.pixels);
  }
  const auto found = dbscan_points(points, weights, options.eps, static_cast<std::uint32_t>(options.min_points));
  for (std::size_t i = 0; i < result.colours.size(); ++i) {
    result.colours[i].label = found.labels[i];
    result.colours[i].core = found.core[i];
  }
  sum_up(result, found.count);
  return result;
}

std::array<double, 256> linear_values() {
  std::array<double, 256> values{};
  for (std::size_t i = 0; i < 256; ++i) {
    const double encoded = static_cast<double>(i) / 255;
    values[i] = encoded <= 0.04045 ? encoded / 12.92 : std::pow((encoded + 0.055) / 1.055, 2.4);
  }
  return values;
}

}  // namespace

ColourClusters cluster_colours(std::span<const std::uint8_t> rgb, const DbscanOptions& options) {
  check(rgb, options);
  if (!serves_lattice(options)) return cluster_points(rgb, options);
  return dbscan_lattice(rgb, options.eps * options.eps, static_cast<std::uint32_t>(options.min_points));
}

std::size_t count_colour_clusters(std::span<const std::uint8_t> rgb, const DbscanOptions& options) {
  check(rgb, options);
  if (!serves_lattice(options)) return cluster_points(rgb, options).clusters.size();
  return count_lattice_clusters(rgb, options.eps * options.eps, static_cast<std::uint32_t>(options.min_points));
}

std::array<double, 3> to_lab(const Rgb8& colour) {
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

}  // namespace atelier
