#include "metrics/seam.h"

#include <algorithm>
#include <cmath>

#include "atelier/error.h"
#include "metrics/plane.h"

namespace atelier {
namespace {

constexpr int kShortestPeriod = 16, kBeside = 4;
constexpr double kFloor = 0.25 / 255;

/// Mean |difference| across each line between pixels: element i is between i − 1 and i; element 0 is 0.
struct Steps {
  std::vector<double> across_columns, across_rows;
};

Steps mean_steps(const Plane& plane) {
  Steps steps{std::vector<double>(static_cast<std::size_t>(plane.width)),
              std::vector<double>(static_cast<std::size_t>(plane.height))};
  for (int y = 0; y < plane.height; ++y)
    for (int x = 0; x < plane.width; ++x) {
      if (x > 0) steps.across_columns[static_cast<std::size_t>(x)] += std::abs(plane.at(x, y) - plane.at(x - 1, y));
      if (y > 0) steps.across_rows[static_cast<std::size_t>(y)] += std::abs(plane.at(x, y) - plane.at(x, y - 1));
    }
  for (double& step : steps.across_columns) step /= plane.height;
  for (double& step : steps.across_rows) step /= plane.width;
  return steps;
}

struct Sums {
  double at_seams = 0, beside = 0;
  int seams = 0;

  void add(const std::vector<double>& steps, int period) {
    const int length = static_cast<int>(steps.size());
    for (int seam = period; seam + kBeside < length; seam += period) {
      at_seams += steps[static_cast<std::size_t>(seam)];
      for (int k = 1; k <= kBeside; ++k)
        beside +=
            (steps[static_cast<std::size_t>(seam - k)] + steps[static_cast<std::size_t>(seam + k)]) / (2 * kBeside);
      ++seams;
    }
  }
};

}  // namespace

double seam_index(const Image& image, int period) {
  require_measurable(image, "seam");
  require(period >= kShortestPeriod, "seam: tiles of " + std::to_string(period) +
                                         " pixels are too small to tell; give " + std::to_string(kShortestPeriod) +
                                         " or more");
  require(
      std::max(image.width, image.height) > period + kBeside,
      "seam: the picture is no larger than one tile of " + std::to_string(period) + " pixels; give the tiles' side");
  const auto steps = mean_steps(luma_of(image));
  Sums sums;
  sums.add(steps.across_columns, period);
  sums.add(steps.across_rows, period);
  return (sums.at_seams / sums.seams + kFloor) / (sums.beside / sums.seams + kFloor) - 1;
}

}  // namespace atelier
