#include "palette/dbscan.h"

#include "atelier/error.h"
#include "palette/dbscan_lattice.h"
#include "palette/dbscan_points.h"

namespace atelier {
namespace {

constexpr double kSmallestEps = 0.01, kLargestEps = 32;

void check(std::span<const std::uint8_t> rgb, const DbscanOptions& options) {
  check_pixels(rgb);
  require(options.eps >= kSmallestEps && options.eps <= kLargestEps, "eps is out of range; give 0.01 to 32");
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
    points.push_back(position(colour.rgb, options.space));
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

}  // namespace atelier
