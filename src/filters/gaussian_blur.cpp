#include "filters/gaussian_blur.h"

#include <cmath>
#include <cstdlib>

namespace atelier {
namespace {

/// Weights of the distances 0 … radius.
std::vector<double> weights_of(double sigma, int radius) {
  std::vector<double> weights;
  double sum = 0;
  for (int k = 0; k <= radius; ++k) {
    weights.push_back(std::exp(-k * k / (2 * sigma * sigma)));
    sum += (k == 0 ? 1 : 2) * weights.back();
  }
  for (auto& weight : weights) weight /= sum;
  return weights;
}

}  // namespace

int mirrored(int at, int size) {
  if (size == 1) return 0;
  at = std::abs(at) % (2 * size - 2);
  return at < size ? at : 2 * size - 2 - at;
}

Plane gaussian_blur(const Plane& plane, double sigma, int radius) {
  if (radius < 0) radius = static_cast<int>(std::ceil(3 * sigma));
  const auto weights = weights_of(sigma, radius);
  Plane across(plane.width, plane.height), result(plane.width, plane.height);
  for (int y = 0; y < plane.height; ++y)
    for (int x = 0; x < plane.width; ++x) {
      double sum = 0;
      for (int k = -radius; k <= radius; ++k)
        sum += weights[static_cast<std::size_t>(std::abs(k))] * plane.at(mirrored(x + k, plane.width), y);
      across.at(x, y) = sum;
    }
  for (int y = 0; y < plane.height; ++y)
    for (int k = -radius; k <= radius; ++k) {
      const double weight = weights[static_cast<std::size_t>(std::abs(k))];
      const double* from = across.row(mirrored(y + k, plane.height));
      for (int x = 0; x < plane.width; ++x) result.at(x, y) += weight * from[x];
    }
  return result;
}

}  // namespace atelier
