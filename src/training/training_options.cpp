#include "training/training_options.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "atelier/error.h"
#include "core/number_text.h"

namespace atelier {
namespace {

constexpr std::int64_t kMostSteps = 1'000'000'000;
/// Adam moves a weight by about the rate in every step, and weights are of the order of a tenth.
constexpr double kHighestRate = 1;
constexpr double kHighestWeightDecay = 1;  ///< at the highest rate a step would leave nothing of a weight

template <typename Number>
void require_that(bool possible, const std::string& option, Number value, const std::string& advice) {
  require(possible, "--" + option + " cannot be " + as_typed(value) + "; give " + advice);
}

void require_count(const std::string& option, std::int64_t value, std::int64_t lowest) {
  require_that(value >= lowest && value <= kMostSteps, option, value,
               "a whole number from " + as_typed(lowest) + " to " + as_typed(kMostSteps));
}

/// What compares with no number, NaN, is in no range either.
void require_pace(const TrainingOptions& options) {
  if (const auto rate = options.learning_rate)
    require_that(*rate > 0 && *rate <= kHighestRate, "learning-rate", *rate,
                 "a number above 0, and " + as_typed(kHighestRate) + " at most");
  if (options.warm_up) require_count("warm-up", *options.warm_up, 0);
  if (const auto share = options.decay_share)
    require_that(*share >= 0 && *share <= 1, "decay-share", *share, "a number from 0 to 1");
  if (const auto norm = options.clip_norm)
    require_that(*norm > 0, "clip-norm", *norm, "a number above 0; inf clips nothing");
  require_that(options.weight_decay >= 0 && options.weight_decay <= kHighestWeightDecay, "weight-decay",
               options.weight_decay, "a number from 0 to " + as_typed(kHighestWeightDecay));
}

}  // namespace

void check_training(const TrainingOptions& options) {
  require_count("steps", options.steps, 1);
  require_count("save-every", options.save_every, 1);
  if (const auto time = options.time_budget)
    require_that(*time > 0 && std::isfinite(*time), "time-budget", *time,
                 "a time above 0, such as 30m, or leave it out for no limit");
  require_pace(options);
  check_role(options.role);
}

double rate_share(Schedule schedule, double risen, double done, double decay_share) {
  const double left = std::clamp((1 - done) / std::max(decay_share, 1e-9), 0.0, 1.0);
  const double falling = schedule == Schedule::kCosine ? (1 - std::cos(std::numbers::pi * left)) / 2 : left;
  return std::min(std::clamp(risen, 0.0, 1.0), falling);
}

std::filesystem::path checkpoint_of(const std::filesystem::path& output) { return output.string() + ".checkpoint"; }

}  // namespace atelier
