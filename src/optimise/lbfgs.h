#pragma once
#include <deque>

#include "optimise/line_search.h"
#include "optimise/optimiser.h"

namespace atelier {

struct LbfgsOptions {
  /// Pairs of vectors kept. Nocedal & Wright (section 7.2) find 3 to 20 satisfactory; the popular
  /// programs keep 10 (crowsonkb) to 100 (jcjohnson), two pictures of memory each.
  int history = 10;
  /// Root mean square of the very first trial step, in units of the point; makes the path independent
  /// of the loss's scale. About two of 255 levels of a picture.
  double first_step = 0.01;
  WolfeOptions wolfe = {};
};

/// Limited-memory BFGS with a strong Wolfe line search (Nocedal & Wright, algorithms 7.4 and 7.5).
///
/// All memory is one trial point and 2 · history vectors of the point's size. When the line search
/// fails, the history is dropped and steepest descent is tried in the same step.
class Lbfgs final : public Optimiser {
 public:
  /// @param start   floating point, any shape; copied.
  /// @throws Error  if `start` is empty, not floating point or not finite, or options are out of range.
  explicit Lbfgs(const Tensor& start, const LbfgsOptions& options = {});

  OptimiserStep step(const Objective& objective) override;
  Tensor point() const override { return point_; }
  void forget_objective() override { gradient_.reset(); }
  void resize_state(const std::function<Tensor(const Tensor&)>& resize) override;
  OptimiserState state() const override;
  void load(const OptimiserState& state) override;

  /// Pairs remembered now, at most options.history.
  int pairs() const { return static_cast<int>(pairs_.size()); }

 private:
  struct Pair {
    Tensor step;           // s: how the point moved
    Tensor change;         // y: how the gradient changed
    double curvature = 0;  // s·y
  };

  bool evaluate_here(const Objective& objective, OptimiserStep& result);
  Tensor search_direction();
  bool search(const Objective& objective, OptimiserStep& result);
  void move(Tensor direction, const LineSample& at);
  void remember(Tensor step, Tensor change);
  Tensor checked(Tensor gradient) const;

  LbfgsOptions options_;
  Tensor point_, trial_, gradient_, spare_;
  double loss_ = 0;
  std::deque<Pair> pairs_;  // oldest first
};

}  // namespace atelier
