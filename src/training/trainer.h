#pragma once
#include <string>
#include <utility>
#include <vector>

#include "tensor/tensor.h"
#include "training/training_options.h"
#include "weights/weight_set.h"

namespace atelier {

/// Something that can be learnt: what the trainer needs to know of it. A task draws its own batches, as a function of
/// the seed alone, so that an interrupted run goes on to the same numbers.
class TrainingTask {
 public:
  using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

  virtual ~TrainingTask() = default;
  /// Leaf tensors that require gradients; the trainer updates them in place. The same order in every call.
  virtual NamedTensors parameters() const = 0;
  /// How many times faster than the others a parameter is learnt.
  virtual double rate_factor(const std::string& /*parameter*/) const { return 1; }
  /// One batch: leaves the gradient of the loss in the parameters.
  virtual StepResult step(std::uint64_t seed) = 0;
  /// The model to write, made from `averages`, the averaged parameters in the order of parameters().
  virtual WeightSet model(const std::vector<Tensor>& averages) const = 0;
  /// Tensors that change while training but are not learnt by gradients (weights that balance losses); updated in
  /// place when a run is resumed.
  virtual NamedTensors state() const { return {}; }
  /// What must agree for a run to be continued, as text.
  virtual std::string settings() const = 0;
  /// A sheet that shows how far the model is, [1, 3, h, w] in [0, 1]; undefined for none.
  virtual Tensor preview(const std::vector<Tensor>&) const { return {}; }
  /// What the user should know before the first step, such as skipped files; empty for nothing.
  virtual std::string note() const { return {}; }
};

/// The one trainer: Adam with warm-up, constant rate and linear decay; the exported weights are an exponential
/// average; checkpoints hold everything and are replaced atomically. A step without a finite gradient is left out;
/// after five in a row the run returns to the average with half the rate, and gives up when that does not help.
/// `on_progress` returns false to stop after saving.
/// @return      the model as it was written last.
/// @throws Error when a checkpoint is missing or of another run, or the run has diverged.
WeightSet train(TrainingTask& task, const TrainingOptions& options, const OnTraining& on_progress);

}  // namespace atelier
