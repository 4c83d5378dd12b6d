#include "metrics/gaussian_window.h"

#include <array>
#include <cmath>

namespace atelier {
namespace {

constexpr int kRadius = kWindowSide / 2;
constexpr double kSigma = 1.5;

/// Weights of the distances 0 … 5; the whole window sums to 1.
const std::array<double, kRadius + 1>& weights() {
  static const auto made = [] {
    std::array<double, kRadius + 1> w{};
    double sum = 0;
    for (int k = 0; k <= kRadius; ++k) {
      w[static_cast<std::size_t>(k)] = std::exp(-k * k / (2 * kSigma * kSigma));
      sum += (k == 0 ? 1 : 2) * w[static_cast<std::size_t>(k)];
    }
    for (double& weight : w) weight /= sum;
    return w;
  }();
  return made;
}

/// out[i] = Σ_k w_k (middle[i − k·stride] + middle[i + k·stride]) for `count` neighbours in memory.
void weigh(const double* middle, std::ptrdiff_t stride, int count, double* out) {
  const auto& w = weights();
  for (int i = 0; i < count; ++i) {
    const double* at = middle + i;
    double sum = w[0] * at[0];
    for (int k = 1; k <= kRadius; ++k) sum += w[static_cast<std::size_t>(k)] * (at[-k * stride] + at[k * stride]);
    out[i] = sum;
  }
}

Plane product(const Plane& a, const Plane& b) {
  Plane result(a.width, a.height);
  for (std::size_t i = 0; i < result.values.size(); ++i) result.values[i] = a.values[i] * b.values[i];
  return result;
}

/// E[ab] − E[a] E[b], given E[ab].
Plane less_product(Plane mean_of_product, const Plane& mean_a, const Plane& mean_b) {
  for (std::size_t i = 0; i < mean_of_product.values.size(); ++i)
    mean_of_product.values[i] -= mean_a.values[i] * mean_b.values[i];
  return mean_of_product;
}

}  // namespace

Plane windowed_mean(const Plane& plane) {
  Plane across(plane.width - 2 * kRadius, plane.height);
  for (int y = 0; y < plane.height; ++y) weigh(plane.row(y) + kRadius, 1, across.width, across.row(y));
  Plane result(across.width, plane.height - 2 * kRadius);
  for (int y = 0; y < result.height; ++y) weigh(across.row(y + kRadius), across.width, result.width, result.row(y));
  return result;
}

WindowStatistics window_statistics(const Plane& a, const Plane& b) {
  WindowStatistics s;
  s.mean_a = windowed_mean(a);
  s.mean_b = windowed_mean(b);
  s.variance_a = less_product(windowed_mean(product(a, a)), s.mean_a, s.mean_a);
  s.variance_b = less_product(windowed_mean(product(b, b)), s.mean_b, s.mean_b);
  s.covariance = less_product(windowed_mean(product(a, b)), s.mean_a, s.mean_b);
  return s;
}

double luminance_term(const WindowStatistics& s, std::size_t i) {
  const double a = s.mean_a.values[i], b = s.mean_b.values[i];
  return (2 * a * b + kC1) / (a * a + b * b + kC1);
}

double structure_term(const WindowStatistics& s, std::size_t i) {
  return (2 * s.covariance.values[i] + kC2) / (s.variance_a.values[i] + s.variance_b.values[i] + kC2);
}

}  // namespace atelier
