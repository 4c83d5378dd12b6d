#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tensor/tensor.h"
#include "training/adam_average.h"
#include "training/training_options.h"
#include "weights/weight_set.h"

namespace atelier {

/// How fast a task is learnt where its user does not say otherwise.
struct Pace {
  double learning_rate = 1e-3;
  std::int64_t warm_up = 300;  ///< steps over which the rate rises; none by default when a run starts from another
  double decay_share = 0.3;    ///< last part of the run, over which the rate falls to zero
  double clip_norm = 1.0;      ///< largest norm of a player's gradient; infinite for no limit
  AdamDecays decays = {};
};

/// What learns against the model in adversarial training: further parameters with an optimiser of their own, which
/// are kept in checkpoints and not exported.
struct Opponent {
  std::string name;  ///< stands before its tensors in a checkpoint
  std::vector<std::pair<std::string, Tensor>> parameters;
  double rate = 1;  ///< times the run's learning rate: two time-scales (Heusel et al., NIPS 2017)
};

/// One update of one player: of the model, 0, or of an opponent, 1 and on.
struct Turn {
  std::size_t player = 0;
  std::int64_t step = 0;   ///< of the run
  int index = 0;           ///< among the step's turns
  std::uint64_t seed = 0;  ///< of the step; the same for all of its turns
};

/// Something that can be learnt: what the trainer needs to know of it. A task draws its own batches, as a function of
/// the seed and of state(), so that an interrupted run goes on to the same numbers.
class TrainingTask {
 public:
  using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

  virtual ~TrainingTask() = default;
  /// What the model learns: leaf tensors that require gradients; the trainer updates them in place. The same order in
  /// every call.
  virtual NamedTensors parameters() const = 0;
  /// How many times faster than the others a parameter is learnt.
  virtual double rate_factor(const std::string& /*parameter*/) const { return 1; }
  virtual Pace pace() const { return {}; }
  /// Who else learns, for tasks of several players; the same in every call.
  virtual std::vector<Opponent> opponents() const { return {}; }
  /// Whose turn it is in step `step`, one after the other.
  virtual std::vector<std::size_t> turns(std::int64_t /*step*/) const { return {0}; }
  /// One batch: leaves the gradient of the loss in the parameters. Tasks of several players give turn() instead.
  virtual StepResult step(std::uint64_t seed);
  /// One batch for one player: leaves the gradient of its loss in its parameters. A step's loss is that of the model's
  /// last turn; terms of all turns are kept.
  virtual StepResult turn(const Turn& turn) { return step(turn.seed); }
  /// Called after a player's update, to bring its parameters back where they must be.
  virtual void updated(std::size_t /*player*/) {}
  /// The model to write, made from `averages`, the averaged parameters in the order of parameters().
  virtual WeightSet model(const std::vector<Tensor>& averages) const = 0;
  /// Tensors that change while training but are not learnt by gradients (weights that balance losses); updated in
  /// place when a run is resumed.
  virtual NamedTensors state() const { return {}; }
  /// What a checkpoint says of the task beside its tensors, as metadata: the networks of opponents, for those who want
  /// their verdicts. Not read when a run goes on.
  virtual std::map<std::string, std::string> descriptions() const { return {}; }
  /// Whether each of several processes keeps its own of this tensor of state(), such as earlier pictures; of the others
  /// all take the mean after each step.
  virtual bool kept_apart(const std::string& /*state*/) const { return false; }
  /// What model() calls this tensor of parameters() or state(): by these names a run starts from a model. A parameter
  /// that no model holds keeps a name that no model has; such a training only starts from checkpoints.
  virtual std::string name_in_model(const std::string& tensor) const { return tensor; }
  /// What must agree for a run to be continued, as text.
  virtual std::string settings() const = 0;
  /// A sheet that shows how far the model is, [1, 3, h, w] in [0, 1]; undefined for none.
  virtual Tensor preview(const std::vector<Tensor>&) const { return {}; }
  /// What the user should know before the first step, such as skipped files; empty for nothing.
  virtual std::string note() const { return {}; }
};

/// The one trainer: Adam or AdamW with warm-up, constant rate and decay, linear or by a cosine; the exported weights
/// are an exponential average; checkpoints hold everything and are replaced atomically. A turn without a finite
/// gradient is left out; after five in a row the run returns to the averages with half the rate, and gives up when that
/// does not help. `on_progress` returns false to stop after saving.
///
/// With `options.role` of several processes each draws batches of its own (step s of rank r draws what step s · processes
/// + r of one process would), the gradients of each turn are averaged over the processes, and all keep equal weights:
/// N processes do what one does with an N times larger batch. A stop wanted by one stops all. What a step measured is
/// told of the process's own batch.
/// @return      the model as it was written last.
/// @throws Error when a checkpoint is missing or of another run, the run has diverged, or another process has ended.
WeightSet train(TrainingTask& task, const TrainingOptions& options, const OnTraining& on_progress);

}  // namespace atelier
