#pragma once
#include "metrics/plane.h"

namespace atelier {

/// Side of the window of SSIM: a Gaussian of σ = 1.5, cut at 11 × 11 pixels (Wang et al. 2004).
inline constexpr int kWindowSide = 11;

/// Means under the Gaussian window, where it lies wholly inside: [w − 10] × [h − 10].
Plane windowed_mean(const Plane& plane);

/// What SSIM is made of, at each place of the window; all of the windowed size.
struct WindowStatistics {
  Plane mean_a, mean_b;                      ///< μ
  Plane variance_a, variance_b, covariance;  ///< σ², by E[x²] − μ² (no sample correction)
};

/// @param a, b  of one size, at least 11 × 11.
WindowStatistics window_statistics(const Plane& a, const Plane& b);

/// The constants C1 = (0.01 L)² and C2 = (0.03 L)² for values of range L = 1. Pictures in 0 … 255 with L = 255 give
/// the same indices.
inline constexpr double kC1 = 0.01 * 0.01, kC2 = 0.03 * 0.03;

/// Luminance term (2 μa μb + C1) / (μa² + μb² + C1) at place i.
double luminance_term(const WindowStatistics& statistics, std::size_t i);

/// Contrast and structure (2 σab + C2) / (σa² + σb² + C2) at place i.
double structure_term(const WindowStatistics& statistics, std::size_t i);

}  // namespace atelier
