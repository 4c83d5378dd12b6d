#include "optimise/line_search.h"

#include <algorithm>
#include <cmath>

namespace atelier {
namespace {

// Minimiser of the cubic through two samples and their slopes (eq. 3.59); NaN when there is none.
double cubic_minimum(const LineSample& a, const LineSample& b) {
  const double d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.step - b.step);
  const double d2 = std::copysign(std::sqrt(d1 * d1 - a.slope * b.slope), b.step - a.step);
  return b.step - (b.step - a.step) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
}

class WolfeSearch {
 public:
  WolfeSearch(const LineFunction& evaluate, const LineSample& start, const WolfeOptions& options)
      : evaluate_(evaluate), start_(start), options_(options) {}

  LineSearchResult run(double first_step) {
    bracket(first_step);
    return std::move(result_);
  }

 private:
  bool budget_left() const { return result_.evaluations < options_.max_evaluations; }

  LineSample sample(double step) {
    auto at = evaluate_(step);
    ++result_.evaluations;
    result_.rejected += !at.finite();
    return at;
  }

  bool decreases(const LineSample& at) const {
    return at.finite() && at.loss <= start_.loss + options_.sufficient_decrease * at.step * start_.slope;
  }

  bool flat(const LineSample& at) const { return std::abs(at.slope) <= -options_.curvature * start_.slope; }

  void bracket(double step) {  // algorithm 3.5
    auto previous = start_;
    while (budget_left()) {
      auto at = sample(step);
      if (!decreases(at) || (previous.step > 0 && at.loss >= previous.loss)) return zoom(previous, at);
      if (flat(at)) return accept(at);
      if (at.slope >= 0) return zoom(at, previous);
      step = extrapolate(previous, at);
      previous = std::move(at);
    }
    accept(previous);
  }

  // At least a tenth further and at most ten times as far: bounds as in common implementations.
  static double extrapolate(const LineSample& previous, const LineSample& at) {
    const double wanted = cubic_minimum(previous, at);
    const double nearest = at.step + 0.1 * (at.step - previous.step);
    return wanted > at.step ? std::clamp(wanted, nearest, 10 * at.step) : 10 * at.step;
  }

  void zoom(LineSample low, LineSample high) {  // algorithm 3.6
    while (budget_left()) {
      auto at = sample(interpolate(low, high));
      if (!decreases(at) || at.loss >= low.loss) {
        high = std::move(at);
        continue;
      }
      if (flat(at)) return accept(at);
      if (at.slope * (high.step - low.step) >= 0) high = low;
      low = std::move(at);
    }
    accept(low);
  }

  // Keeps a tenth of the interval from both ends so that it shrinks each time.
  static double interpolate(const LineSample& low, const LineSample& high) {
    const double middle = 0.5 * (low.step + high.step);
    const double wanted = high.finite() ? cubic_minimum(low, high) : middle;
    if (!std::isfinite(wanted)) return middle;
    const double margin = 0.1 * std::abs(high.step - low.step);
    return std::clamp(wanted, std::min(low.step, high.step) + margin, std::max(low.step, high.step) - margin);
  }

  void accept(const LineSample& at) {
    if (at.step > 0) result_.accepted = at;
  }

  const LineFunction& evaluate_;
  const LineSample& start_;
  const WolfeOptions& options_;
  LineSearchResult result_;
};

}  // namespace

bool LineSample::finite() const { return std::isfinite(loss) && std::isfinite(slope); }

LineSearchResult strong_wolfe(const LineFunction& evaluate, const LineSample& start, double first_step,
                              const WolfeOptions& options) {
  return WolfeSearch(evaluate, start, options).run(first_step);
}

}  // namespace atelier
