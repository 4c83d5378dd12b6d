#include "training/training_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "support/weight_files.h"

namespace atelier {
namespace {

using testing::StartsWith;

constexpr double kInfinity = std::numeric_limits<double>::infinity(), kNan = std::numeric_limits<double>::quiet_NaN();

/// What is said of the defaults with `change`; empty for nothing.
std::string refusal(const std::function<void(TrainingOptions&)>& change) {
  TrainingOptions options;
  change(options);
  return test::message_of([&] { check_training(options); });
}

TEST(CheckTraining, TakesTheDefaultsAndTheEndsOfRanges) {
  EXPECT_EQ(refusal([](auto&) {}), "");
  EXPECT_EQ(refusal([](auto& options) {
              options.steps = options.save_every = 1;
              options.learning_rate = 1;
              options.warm_up = 0;
              options.decay_share = 0;
              options.clip_norm = kInfinity;
              options.time_budget = 1e-3;
            }),
            "");
  EXPECT_EQ(refusal([](auto& options) { options.decay_share = 1; }), "");
}

TEST(CheckTraining, NamesTheOptionAndItsRange) {
  for (const double rate : {0.0, -1e-3, 1e30, 1.01, kInfinity, kNan})
    EXPECT_THAT(refusal([&](auto& options) { options.learning_rate = rate; }), StartsWith("--learning-rate cannot be "))
        << rate;
  EXPECT_EQ(refusal([](auto& options) { options.learning_rate = 1e30; }),
            "--learning-rate cannot be 1e+30; give a number above 0, and 1 at most");
  EXPECT_EQ(refusal([](auto& options) { options.warm_up = -1; }),
            "--warm-up cannot be -1; give a whole number from 0 to 1000000000");
  for (const double share : {-0.1, 2.0, kInfinity, kNan})
    EXPECT_THAT(refusal([&](auto& options) { options.decay_share = share; }), StartsWith("--decay-share cannot be "));
  for (const double norm : {0.0, -1.0, -kInfinity, kNan})
    EXPECT_THAT(refusal([&](auto& options) { options.clip_norm = norm; }), StartsWith("--clip-norm cannot be "));
  for (const double decay : {-0.1, 1.5, kInfinity, kNan})
    EXPECT_THAT(refusal([&](auto& options) { options.weight_decay = decay; }), StartsWith("--weight-decay cannot be "));
  for (const double time : {0.0, -5.0, kInfinity, kNan})
    EXPECT_THAT(refusal([&](auto& options) { options.time_budget = time; }), StartsWith("--time-budget cannot be "));
  for (const std::int64_t steps : {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_THAT(refusal([&](auto& options) { options.steps = steps; }), StartsWith("--steps cannot be "));
    EXPECT_THAT(refusal([&](auto& options) { options.save_every = steps; }), StartsWith("--save-every cannot be "));
  }
  EXPECT_THAT(refusal([](auto& options) { options.role.processes = 0; }), StartsWith("a training needs at least one"));
}

TEST(RateShare, RisesStaysAndFalls) {
  for (const auto schedule : {Schedule::kLinear, Schedule::kCosine}) {
    EXPECT_DOUBLE_EQ(rate_share(schedule, 0.25, 0, 0.5), 0.25);
    EXPECT_DOUBLE_EQ(rate_share(schedule, 7, 0.4, 0.5), 1);
    EXPECT_NEAR(rate_share(schedule, 7, 0.75, 0.5), 0.5, 1e-12);
    EXPECT_NEAR(rate_share(schedule, 7, 1, 0.5), 0, 1e-12);
    EXPECT_DOUBLE_EQ(rate_share(schedule, 7, 0.999, 0), 1);
  }
  EXPECT_NEAR(rate_share(Schedule::kLinear, 7, 2.0 / 3, 1), 1.0 / 3, 1e-12);
  EXPECT_NEAR(rate_share(Schedule::kCosine, 7, 2.0 / 3, 1), 0.25, 1e-12);
}

}  // namespace
}  // namespace atelier
