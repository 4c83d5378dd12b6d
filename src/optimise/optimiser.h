#pragma once
#include <functional>
#include <vector>

#include "tensor/tensor.h"

namespace atelier {

/// The objective at one point.
struct Evaluation {
  double loss = 0;
  Tensor gradient;  ///< shape and type of the point; the optimiser owns and overwrites it
};

/// Loss and gradient in one call. The point must neither be changed nor kept: its memory is reused.
using Objective = std::function<Evaluation(const Tensor& point)>;

enum class StepStatus {
  kMoved,      ///< the point moved and the loss was finite
  kConverged,  ///< the gradient vanishes or no step along it lowers the loss: further steps are in vain
  kNotFinite,  ///< no finite loss was found; the point is the last good one
};

/// What one step did.
struct OptimiserStep {
  double loss = 0;           ///< at the new point (L-BFGS) or at the point before it moved (Adam)
  int evaluations = 0;       ///< calls of the objective
  int rejected = 0;          ///< of which gave NaN or infinity; the step was halved each time
  double step = 0;           ///< L-BFGS: length in units of the direction; Adam: the learning rate
  double gradient_norm = 0;  ///< Euclidean, at the point that `loss` belongs to
  StepStatus status = StepStatus::kMoved;
};

/// All that a continued run needs, for checkpoints: give it to load() of an optimiser of the same kind.
struct OptimiserState {
  std::vector<Tensor> tensors;
  std::vector<double> scalars;
};

/// Moves one tensor of floats downhill, a step at a time.
class Optimiser {
 public:
  virtual ~Optimiser() = default;

  /// One step. With a finite objective the point always stays finite.
  /// @throws Error if a gradient has not the point's shape and type.
  virtual OptimiserStep step(const Objective& objective) = 0;

  /// Where it stands. The memory is reused by the step after the next: clone() to keep.
  virtual Tensor point() const = 0;

  /// Call when the objective changes (another weight, say) so that no old value is compared with a new one.
  virtual void forget_objective() = 0;

  /// Applies `resize` to the point and to every vector remembered, so that a coarse-to-fine run
  /// goes on at the next size with what it learnt. Gradients are multiplied by the ratio of old to
  /// new element counts, which is right for losses that do not grow with the picture. Implies
  /// forget_objective().
  virtual void resize_state(const std::function<Tensor(const Tensor&)>& resize) = 0;

  /// A copy; load() of it makes the next steps equal bit by bit.
  virtual OptimiserState state() const = 0;

  /// @throws Error if `state` is not from an optimiser of this kind.
  virtual void load(const OptimiserState& state) = 0;
};

}  // namespace atelier
