#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "atelier/image.h"
#include "training/process_role.h"

namespace atelier {

/// What one step of a task measured.
struct StepResult {
  double loss = 0;
  std::map<std::string, double> terms;  ///< for the log, by name
};

/// How the learning rate falls to zero over the last part of a run.
enum class Schedule { kLinear, kCosine };

/// How long, how fast and where to.
struct TrainingOptions {
  std::filesystem::path output;   ///< the model; OUTPUT.checkpoint keeps the run; empty: nothing is written
  std::filesystem::path preview;  ///< picture that shows how far the model is, rewritten when saving; empty: none
  std::filesystem::path chart;    ///< HTML page with the losses over the steps, rewritten when saving; empty: none
  bool resume = false;
  /// Checkpoint of an earlier run, or a model (name or file) that holds all that this training learns, to start from;
  /// empty: neither. Encoders and sketch-color learn more than their models hold and take checkpoints alone.
  std::string initial;
  std::int64_t steps = 10000;
  std::optional<double> time_budget;  ///< seconds in all, resumed parts included; the rate then falls by time
  /// What is left open here is what the training itself says, see Pace.
  std::optional<double> learning_rate;
  std::optional<std::int64_t> warm_up;
  std::optional<double> decay_share, clip_norm;
  Schedule schedule = Schedule::kLinear;
  double weight_decay = 0;  ///< AdamW's, see AdamAverage
  std::int64_t save_every = 500;
  std::uint64_t seed = 1;
  ProcessRole role;  ///< among several processes that train together; rank 0 alone writes files
};

/// The share of its rate that a run has: it rises evenly over the warm-up and falls by `schedule` over the last
/// `decay_share` of the run; cosine: (1 + cos πt) / 2 (Loshchilov & Hutter, ICLR 2017).
/// @param risen  of the warm-up's steps, this one included; above 1 after it.
/// @param done   of the run, 0 to 1.
double rate_share(Schedule schedule, double risen, double done, double decay_share);

/// @throws Error that names the option and what it can be, for numbers that make no sense and roles that check_role()
/// refuses. train() begins with it; callers who must read much before can do so earlier.
void check_training(const TrainingOptions& options);

/// Where the run of the model `output` is kept.
std::filesystem::path checkpoint_of(const std::filesystem::path& output);

struct TrainingProgress {
  std::int64_t step = 0, steps = 0;
  StepResult result;
  double learning_rate = 0, seconds_per_step = 0;
  double seconds_left = 0;  ///< by steps or by the time budget, whichever ends first
  std::string note;
  /// Shows how far the model is; empty where the task has no preview. Only valid during the call.
  std::function<Image()> preview;
};

/// Called after every step; returns false to stop after saving.
using OnTraining = std::function<bool(const TrainingProgress&)>;

}  // namespace atelier
