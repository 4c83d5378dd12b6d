#include "metrics/ssim.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "metrics/gaussian_window.h"

namespace atelier {
namespace {

constexpr std::array kScaleWeights = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};
constexpr int kShortestMultiScaleSide = 161;

/// Means over the window's places.
struct Similarity {
  double whole = 0;      ///< luminance · structure
  double structure = 0;  ///< contrast and structure
};

/// Luminance by `means`, contrast and structure by `structures`; the same statistics for plain SSIM.
Similarity similarity(const WindowStatistics& means, const WindowStatistics& structures) {
  Similarity sum;
  const std::size_t places = means.mean_a.values.size();
  for (std::size_t i = 0; i < places; ++i) {
    const double structure = structure_term(structures, i);
    sum.structure += structure;
    sum.whole += structure * luminance_term(means, i);
  }
  return {sum.whole / static_cast<double>(places), sum.structure / static_cast<double>(places)};
}

Similarity similarity(const Plane& a, const Plane& b) {
  const auto statistics = window_statistics(a, b);
  return similarity(statistics, statistics);
}

Plane halved(const Plane& plane) {
  Plane half((plane.width + 1) / 2, (plane.height + 1) / 2);
  for (int y = 0; y < half.height; ++y) {
    const double* upper = plane.row(2 * y);
    const double* lower = plane.row(std::min(2 * y + 1, plane.height - 1));
    for (int x = 0; x < half.width; ++x) {
      const int left = 2 * x, right = std::min(left + 1, plane.width - 1);
      half.at(x, y) = (upper[left] + upper[right] + lower[left] + lower[right]) / 4;
    }
  }
  return half;
}

double ms_ssim_of(Plane a, Plane b) {
  double product = 1;
  for (std::size_t scale = 0; scale < kScaleWeights.size(); ++scale) {
    const bool last = scale + 1 == kScaleWeights.size();
    const auto found = similarity(a, b);
    product *= std::pow(std::max(0.0, last ? found.whole : found.structure), kScaleWeights[scale]);
    if (last) break;
    a = halved(a);
    b = halved(b);
  }
  return product;
}

Plane sobel_magnitude(const Plane& plane) {
  Plane result(plane.width, plane.height);
  for (int y = 0; y < plane.height; ++y) {
    const double* above = plane.row(std::max(y - 1, 0));
    const double* here = plane.row(y);
    const double* below = plane.row(std::min(y + 1, plane.height - 1));
    for (int x = 0; x < plane.width; ++x) {
      const int l = std::max(x - 1, 0), r = std::min(x + 1, plane.width - 1);
      const double across = above[r] - above[l] + 2 * (here[r] - here[l]) + below[r] - below[l];
      const double down = below[l] - above[l] + 2 * (below[x] - above[x]) + below[r] - above[r];
      result.at(x, y) = std::sqrt(across * across + down * down) / 4;
    }
  }
  return result;
}

template <typename Measure>
double mean_over_planes(const Image& a, const Image& b, MetricColour colour, Measure measure) {
  const auto of_a = planes_of(a, colour), of_b = planes_of(b, colour);
  double sum = 0;
  for (std::size_t i = 0; i < of_a.size(); ++i) sum += measure(of_a[i], of_b[i]);
  return sum / static_cast<double>(of_a.size());
}

}  // namespace

double ssim(const Image& a, const Image& b, MetricColour colour) {
  require_comparable(a, b, "ssim", kWindowSide);
  return mean_over_planes(a, b, colour, [](const Plane& x, const Plane& y) { return similarity(x, y).whole; });
}

double ms_ssim(const Image& a, const Image& b, MetricColour colour) {
  require_comparable(a, b, "ms-ssim", kShortestMultiScaleSide);
  return mean_over_planes(a, b, colour, ms_ssim_of);
}

double gradient_ssim(const Image& a, const Image& b) {
  require_comparable(a, b, "gradient-ssim", kWindowSide);
  const auto luma_a = luma_of(a), luma_b = luma_of(b);
  return similarity(window_statistics(luma_a, luma_b),
                    window_statistics(sobel_magnitude(luma_a), sobel_magnitude(luma_b)))
      .whole;
}

}  // namespace atelier
