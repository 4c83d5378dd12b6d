#include "palette/kmeans.h"

#include <algorithm>
#include <limits>

#include "atelier/error.h"
#include "core/random.h"

namespace atelier {
namespace {

constexpr std::size_t kMostPoints = 65536;
constexpr int kMostRounds = 100;
constexpr double kStill = 0.001;

std::size_t nearest(const Point3& point, const std::vector<Point3>& centres) {
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < centres.size(); ++k)
    if (const double distance = squared_distance(point, centres[k]); distance < least) least = distance, best = k;
  return best;
}

std::vector<Point3> first_centres(const CoarseColours& colours, std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<Point3> centres;
  std::vector<double> distances(colours.points.size(), 1);  // squared, to the nearest centre so far
  while (centres.size() < count) {
    double total = 0;
    for (std::size_t i = 0; i < distances.size(); ++i) total += colours.weights[i] * distances[i];
    if (total <= 0) break;  // every point is a centre
    double left = uniform(random) * total;
    std::size_t chosen = 0;
    for (std::size_t i = 0; i < distances.size() && left >= 0; ++i) {
      if (distances[i] > 0) chosen = i;
      left -= colours.weights[i] * distances[i];
    }
    const bool first = centres.empty();
    centres.push_back(colours.points[chosen]);
    for (std::size_t i = 0; i < distances.size(); ++i) {
      const double distance = squared_distance(colours.points[i], centres.back());
      distances[i] = first ? distance : std::min(distances[i], distance);
    }
  }
  return centres;
}

/// One of Lloyd's rounds; how far the centre that moved furthest moved, squared. A centre without points stays.
double move_centres(const CoarseColours& colours, std::vector<Point3>& centres) {
  std::vector<Point3> sums(centres.size(), Point3{});
  std::vector<double> weights(centres.size(), 0);
  for (std::size_t i = 0; i < colours.points.size(); ++i) {
    const auto k = nearest(colours.points[i], centres);
    weights[k] += colours.weights[i];
    for (std::size_t axis = 0; axis < 3; ++axis) sums[k][axis] += colours.weights[i] * colours.points[i][axis];
  }
  double furthest = 0;
  for (std::size_t k = 0; k < centres.size(); ++k) {
    if (weights[k] <= 0) continue;
    for (auto& value : sums[k]) value /= weights[k];
    furthest = std::max(furthest, squared_distance(centres[k], sums[k]));
    centres[k] = sums[k];
  }
  return furthest;
}

}  // namespace

ColourClusters kmeans_colours(std::span<const std::uint8_t> rgb, const KMeansOptions& options) {
  require(options.clusters >= 1 && options.clusters <= 256, "the number of clusters is out of range; give 1 to 256");
  ColourClusters result;
  result.colours = count_colours(rgb);
  const auto coarse = coarse_colours(result.colours, options.space, kMostPoints);
  auto centres = first_centres(coarse, static_cast<std::size_t>(options.clusters), options.seed);
  for (int round = 0; round < kMostRounds && move_centres(coarse, centres) > kStill * kStill; ++round) continue;
  for (auto& colour : result.colours)
    colour.label = static_cast<std::int32_t>(nearest(position(colour.rgb, options.space), centres));
  sum_up(result, centres.size());
  sort_by_share(result);
  return result;
}

}  // namespace atelier
