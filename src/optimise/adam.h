#pragma once
#include "optimise/optimiser.h"

namespace atelier {

struct AdamOptions {
  /// In units of the point: about the largest change of an element per step. The paper's 0.001 is
  /// for networks; a picture in [0, 1] wants more (crowsonkb's style transfer also takes 0.02).
  double learning_rate = 0.02;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

/// Adam: Kingma & Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1.
///
/// step() evaluates where it stands, then moves. When that value is not finite, the move that led
/// there is taken back and repeated at half the learning rate, which stays halved.
class Adam final : public Optimiser {
 public:
  /// @param start   floating point, any shape; copied.
  /// @throws Error  if `start` is empty, not floating point or not finite, or options are out of range.
  explicit Adam(const Tensor& start, const AdamOptions& options = {});

  OptimiserStep step(const Objective& objective) override;
  Tensor point() const override { return point_; }
  void forget_objective() override {}
  void resize_state(const std::function<Tensor(const Tensor&)>& resize) override;
  OptimiserState state() const override;
  void load(const OptimiserState& state) override;

  double learning_rate() const { return options_.learning_rate; }
  /// @throws Error unless `rate` is above 0.
  void set_learning_rate(double rate);

 private:
  bool halve_last_move();
  void move_from(const Tensor& base);

  AdamOptions options_;
  Tensor point_, previous_, mean_, square_;
  std::int64_t steps_ = 0;
};

}  // namespace atelier
