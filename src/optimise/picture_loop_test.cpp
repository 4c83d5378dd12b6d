#include "optimise/picture_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>
#include <unistd.h>

#include <numeric>

#include "atelier/error.h"
#include "tensor/resize.h"

namespace atelier {
namespace {

/// Pulls the picture towards a smooth target: the loss does not grow with the picture.
ObjectiveAtScale towards(const Tensor& target) {
  return [target](const Scale& scale, std::size_t) -> PictureObjective {
    const auto here = resize(target, scale.height, scale.width);
    return [here](const Tensor& x) {
      const auto difference = x - here;
      const auto count = static_cast<double>(x.numel());
      return PictureLoss{{{"distance", difference.square().sum().item<double>() / count}}, difference * (2 / count)};
    };
  };
}

Tensor ramp(std::int64_t height, std::int64_t width) {
  return torch::linspace(0.2, 0.8, height * width)
      .reshape({1, 1, height, width})
      .expand({1, 3, height, width})
      .contiguous();
}

std::filesystem::path unique_file(const std::string& name) {
  return std::filesystem::path(testing::TempDir()) / (name + std::to_string(::getpid()));
}

PictureLoopOptions two_scales() {
  PictureLoopOptions options;
  options.scales = {{16, 24, 10}, {32, 48, 10}};
  return options;
}

TEST(CoarseToFine, SpreadsStepsAndEndsAtFullSize) {
  const auto scales = coarse_to_fine(384, 512, 192, std::sqrt(2.0), 250, 0.25);
  ASSERT_EQ(scales.size(), 3U);
  EXPECT_EQ(scales.back().height, 384);
  EXPECT_EQ(scales.back().width, 512);
  EXPECT_EQ(scales.front().width, 256);
  EXPECT_EQ(total_steps(scales), 250);
  EXPECT_NEAR(scales.back().steps, 62, 2);
}

TEST(CoarseToFine, SmallPicturesHaveOneScale) {
  const auto scales = coarse_to_fine(40, 30, 192, 1.5, 7, 0.25);
  ASSERT_EQ(scales.size(), 1U);
  EXPECT_EQ(scales[0].steps, 7);
}

TEST(CoarseToFine, RefusesNonsense) { EXPECT_THROW(coarse_to_fine(10, 10, 8, 1.0, 5, 0.5), Error); }

TEST(OptimisePicture, ReachesTheTargetThroughTheScales) {
  for (const bool adam : {false, true}) {
    auto options = two_scales();
    options.adam = adam;
    if (adam) options.scales = {{16, 24, 60}, {32, 48, 60}};
    const auto target = ramp(32, 48);
    const auto result = optimise_picture(torch::full({1, 3, 32, 48}, 0.5), towards(target), options, {});
    EXPECT_LT((result - target).abs().mean().item<float>(), 0.02) << "adam " << adam;
  }
}

TEST(OptimisePicture, ReportsEveryStepWithTermsAndPreview) {
  int calls = 0;
  optimise_picture(torch::full({1, 3, 32, 48}, 0.5), towards(ramp(32, 48)), two_scales(),
                   [&](const Progress& progress) {
                     ++calls;
                     EXPECT_LE(progress.step, progress.steps);
                     EXPECT_EQ(progress.terms.at(0).first, "distance");
                     EXPECT_GT(progress.preview().width, 0);
                     return true;
                   });
  EXPECT_GE(calls, 2);
}

TEST(OptimisePicture, StopsAtOnceOrGivesTheBestSoFar) {
  auto options = two_scales();
  const auto stop = [](const Progress&) { return false; };
  const auto start = torch::full({1, 3, 32, 48}, 0.5);
  try {
    optimise_picture(start, towards(ramp(32, 48)), options, stop);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kStopped);
  }
  options.keep_best_on_stop = true;
  EXPECT_EQ(optimise_picture(start, towards(ramp(32, 48)), options, stop).sizes(), start.sizes());
}

TEST(OptimisePicture, ContinuesFromACheckpointAsIfNeverInterrupted) {
  auto options = two_scales();
  options.adam = true;  // does not converge early, so that the interruption falls in the middle
  options.identity = "a";
  const auto start = torch::full({1, 3, 32, 48}, 0.5);
  const auto whole = optimise_picture(start, towards(ramp(32, 48)), options, {});
  for (const int stop_at : {4, 10, 13}) {
    options.checkpoint = unique_file("run" + std::to_string(stop_at));
    EXPECT_THROW(
        optimise_picture(start, towards(ramp(32, 48)), options, [&](const Progress& p) { return p.step < stop_at; }),
        Error);
    EXPECT_TRUE(optimise_picture(start, towards(ramp(32, 48)), options, {}).equal(whole)) << stop_at;
    options.identity = "b";
    EXPECT_THROW(optimise_picture(start, towards(ramp(32, 48)), options, {}), Error);
    options.identity = "a";
    std::filesystem::remove(options.checkpoint);
  }
}

TEST(OptimisePicture, ACheckpointThatCannotBeWrittenIsToldAndCostsNoPicture) {
  auto options = two_scales();
  options.checkpoint = testing::TempDir() + "no-such-folder/run";
  options.keep_best_on_stop = true;
  const auto start = torch::full({1, 3, 32, 48}, 0.5);
  std::string note;
  const auto best = optimise_picture(start, towards(ramp(32, 48)), options, [&](const Progress& progress) {
    note += progress.note;
    return progress.step < 4;
  });
  EXPECT_EQ(best.sizes(), start.sizes());
  EXPECT_THAT(note, testing::StartsWith("the unfinished run is not kept: cannot write"));
}

/// Steps of the two scales cost 384 and 1536 pixels.
TEST(OptimisePicture, AResumedRunForetellsOnlyWhatIsLeft) {
  auto options = two_scales();
  options.adam = true;
  options.checkpoint = unique_file("left");
  const auto start = torch::full({1, 3, 32, 48}, 0.5);
  EXPECT_THROW(optimise_picture(start, towards(ramp(32, 48)), options, [](const Progress& p) { return p.step < 13; }),
               Error);
  std::vector<double> ratios;
  optimise_picture(start, towards(ramp(32, 48)), options, [&](const Progress& p) {
    ratios.push_back(p.seconds_left / p.seconds);
    return true;
  });
  std::filesystem::remove(options.checkpoint);
  ASSERT_EQ(ratios.size(), 7U);
  EXPECT_NEAR(ratios[0], 6, 1e-9);
  EXPECT_NEAR(ratios[6], 0, 1e-9);
}

TEST(OptimisePicture, StepsSavedByConvergingAreNotForetold) {
  const auto flat = [](const Scale&, std::size_t) -> PictureObjective {
    return [](const Tensor& x) { return PictureLoss{{{"height", 1}}, torch::zeros_like(x)}; };
  };
  std::vector<double> ratios;
  optimise_picture(torch::full({1, 3, 32, 48}, 0.5), flat, two_scales(), [&](const Progress& p) {
    ratios.push_back(p.seconds_left / p.seconds);
    return true;
  });
  ASSERT_EQ(ratios.size(), 2U) << "one step per scale";
  EXPECT_NEAR(ratios[1], 9 * 1536.0 / (384 + 1536), 1e-9);
}

TEST(OptimisePicture, EndsWithAFailureWhenNothingIsFinite) {
  const auto broken = [](const Scale&, std::size_t) -> PictureObjective {
    return [](const Tensor& x) { return PictureLoss{{{"nan", std::nan("")}}, torch::zeros_like(x)}; };
  };
  try {
    optimise_picture(torch::full({1, 3, 32, 48}, 0.5), broken, two_scales(), {});
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kFailure);
  }
}

TEST(OptimisePicture, AveragesIteratesWhenAsked) {
  auto options = two_scales();
  options.average = 0.9;
  const auto result = optimise_picture(torch::full({1, 3, 32, 48}, 0.5), towards(ramp(32, 48)), options, {});
  EXPECT_TRUE(result.isfinite().all().item<bool>());
}

}  // namespace
}  // namespace atelier
