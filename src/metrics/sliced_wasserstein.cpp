#include "metrics/sliced_wasserstein.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "atelier/error.h"
#include "core/random.h"
#include "metrics/plane.h"
#include "palette/colour_clusters.h"
#include "palette/dbscan.h"

namespace atelier {
namespace {

constexpr std::size_t kBins = 2048;  // along a direction; a colour's share is split between two of them

using Vector = std::array<double, 3>;

struct Cloud {
  std::vector<Vector> points;
  std::vector<double> shares;  ///< sum to 1
};

Cloud cloud_of(const Image& image) {
  Cloud cloud;
  for (const auto& colour : count_colours(to_bytes(image))) {
    cloud.points.push_back(to_lab(colour.rgb));
    cloud.shares.push_back(static_cast<double>(colour.pixels) / static_cast<double>(image.pixels()));
  }
  return cloud;
}

/// Even on the sphere (Archimedes: the height is even), the same on every machine.
Vector random_direction(Random& random) {
  const double z = 2 * uniform(random) - 1, angle = 2 * std::numbers::pi * uniform(random), r = std::sqrt(1 - z * z);
  return {r * std::cos(angle), r * std::sin(angle), z};
}

std::vector<double> projected(const Cloud& cloud, const Vector& direction) {
  std::vector<double> along;
  along.reserve(cloud.points.size());
  for (const auto& p : cloud.points) along.push_back(p[0] * direction[0] + p[1] * direction[1] + p[2] * direction[2]);
  return along;
}

/// Area between two distributions on a line: Σ |difference of their running sums| · width of a bin.
double distance_on_line(const std::vector<double>& a, const std::vector<double>& shares_a, const std::vector<double>& b,
                        const std::vector<double>& shares_b) {
  const auto [low_a, high_a] = std::minmax_element(a.begin(), a.end());
  const auto [low_b, high_b] = std::minmax_element(b.begin(), b.end());
  const double low = std::min(*low_a, *low_b), width = (std::max(*high_a, *high_b) - low) / (kBins - 1);
  if (width <= 0) return 0;
  std::vector<double> difference(kBins + 1);
  const auto spread = [&](const std::vector<double>& values, const std::vector<double>& shares, double sign) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double place = (values[i] - low) / width;
      const auto bin = static_cast<std::size_t>(place);
      const double upper = sign * shares[i] * (place - static_cast<double>(bin));
      difference[bin] += sign * shares[i] - upper;
      difference[bin + 1] += upper;
    }
  };
  spread(a, shares_a, 1);
  spread(b, shares_b, -1);
  double running = 0, area = 0;
  for (const double step : difference) area += std::abs(running += step);
  return area * width;
}

}  // namespace

double sliced_wasserstein_lab(const Image& a, const Image& b, std::uint64_t seed, int directions) {
  require_measurable(a, "swd-lab");
  require_measurable(b, "swd-lab");
  require(directions > 0, "swd-lab: there is no direction to measure along; give at least 1");
  const Cloud of_a = cloud_of(a), of_b = cloud_of(b);
  Random random(seed);
  double sum = 0;
  for (int i = 0; i < directions; ++i) {
    const auto direction = random_direction(random);
    sum += distance_on_line(projected(of_a, direction), of_a.shares, projected(of_b, direction), of_b.shares);
  }
  return sum / directions;
}

}  // namespace atelier
