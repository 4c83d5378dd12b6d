#pragma once
#include <functional>
#include <optional>

#include "tensor/tensor.h"

namespace atelier {

/// The objective at one distance along a search direction.
struct LineSample {
  double step = 0;   ///< in units of the direction
  double loss = 0;   ///< NaN or infinity allowed
  double slope = 0;  ///< derivative of the loss by the step
  Tensor gradient;   ///< passed through untouched
  bool finite() const;
};

/// Evaluates the objective at `step` along the direction.
using LineFunction = std::function<LineSample(double step)>;

struct WolfeOptions {
  double sufficient_decrease = 1e-4;  ///< c1, Nocedal & Wright p. 33 and 62
  double curvature = 0.9;             ///< c2, likewise, for quasi-Newton directions
  int max_evaluations = 20;
};

struct LineSearchResult {
  std::optional<LineSample> accepted;  ///< empty when no step with sufficient decrease was found
  int evaluations = 0;
  int rejected = 0;  ///< samples that were not finite
};

/// Finds a step that fulfils the strong Wolfe conditions.
///
/// Nocedal & Wright, "Numerical Optimization" (2nd ed. 2006), algorithms 3.5 (bracketing) and 3.6
/// (zoom) with cubic interpolation, eq. 3.59. Additions: a sample that is not finite counts as
/// infinitely high and is answered by bisection; when the budget ends, the lowest sample with
/// sufficient decrease is accepted without the curvature condition.
///
/// @param start       step 0: loss and slope there; the slope must be negative.
/// @param first_step  > 0.
LineSearchResult strong_wolfe(const LineFunction& evaluate, const LineSample& start, double first_step,
                              const WolfeOptions& options);

}  // namespace atelier
