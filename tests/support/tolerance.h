#pragma once
#include <c10/core/ScalarType.h>

#include <cmath>
#include <limits>

#include "tensor/tensor.h"

namespace atelier {

/// The relative error to allow where one formula is computed in two ways in `type`, over sums of up to some
/// ten thousand terms: a few hundred units in the last place for float and double, whose sums may be reordered
/// (2^-23 · 200, 2^-52 · 4000), and four for the half types (2^-10, 2^-7), which are rounded once at the end because
/// their sums are kept in float.
inline double tolerance(c10::ScalarType type) {
  switch (type) {
    case c10::ScalarType::Double: return 1e-12;
    case c10::ScalarType::Float: return 2.5e-5;
    case c10::ScalarType::Half: return 4e-3;
    case c10::ScalarType::BFloat16: return 3.2e-2;
    default: return 0;  // integers must agree exactly
  }
}

/// The relative error to allow a gradient against central differences with a step of 1e-5 in double: their own
/// error is about step² (1e-10) from curvature plus 2^-52 / step (2e-11) from rounding, times the loss's scale.
constexpr double kGradientTolerance = 1e-6;

/// ‖a − b‖ / ‖b‖ in double; ‖a‖ where b is zero, infinite where the shapes differ or a value is not finite.
inline double relative_error(const Tensor& a, const Tensor& b) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  if (a.sizes() != b.sizes()) return kInfinite;
  const auto wide_a = a.detach().to(at::kDouble), wide_b = b.detach().to(at::kDouble);
  const double scale = wide_b.norm().item<double>();
  const double error = (wide_a - wide_b).norm().item<double>() / (scale > 0 ? scale : 1);
  return std::isnan(error) ? kInfinite : error;
}

}  // namespace atelier
