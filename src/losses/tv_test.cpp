#include "losses/tv.h"

#include <gtest/gtest.h>

#include "atelier/error.h"
#include "support/numeric_gradient.h"
#include "support/tolerance.h"

namespace atelier {
namespace {

TEST(TotalVariation, MatchesHandComputedValues) {  // across: 2, −1; down: 3, 0; four pixels
  const auto picture = torch::tensor({1., 3., 4., 3.}, torch::kDouble).reshape({1, 1, 2, 2});
  EXPECT_DOUBLE_EQ(losses::tv_squared(picture).item<double>(), (4 + 1 + 9 + 0) / 4.);
  EXPECT_DOUBLE_EQ(losses::tv_absolute(picture).item<double>(), (2 + 1 + 3 + 0) / 4.);
}

TEST(TotalVariation, WeighsTheDifferencesOfEachPixel) {
  const auto picture = torch::tensor({1., 3., 2., 5.}, torch::kDouble).reshape({1, 1, 2, 2});
  const auto weight = torch::tensor({10., 2., 3., 7.}, torch::kDouble).reshape({1, 1, 2, 2});
  // Across 2² · 10 and 3² · 3, down 1² · 10 and 2² · 2.
  EXPECT_DOUBLE_EQ(losses::weighted_tv_squared(picture, weight).item<double>(), (40 + 27 + 10 + 8) / 4.);
  const auto x = torch::rand({2, 3, 5, 4}, torch::kDouble);
  const double plain = losses::tv_squared(x).item<double>();
  EXPECT_NEAR(losses::weighted_tv_squared(x, torch::ones({1, 1, 5, 4}, torch::kDouble)).item<double>(), plain, 1e-12);
  const auto weights = torch::rand({2, 1, 5, 4}, torch::kDouble);
  EXPECT_LT(gradient_error([&](const Tensor& at) { return losses::weighted_tv_squared(at, weights); }, x),
            kGradientTolerance);
  EXPECT_THROW(losses::weighted_tv_squared(x, torch::ones({1, 1, 4, 5}, torch::kDouble)), Error);
  EXPECT_THROW(losses::weighted_tv_squared(x, torch::ones({1, 3, 5, 4}, torch::kDouble)), Error);
}

TEST(TotalVariation, SumsChannelsAndAveragesTheBatch) {
  torch::manual_seed(1);
  const auto x = torch::rand({1, 1, 5, 6}, torch::kDouble);
  const double once = losses::tv_squared(x).item<double>();
  EXPECT_NEAR(losses::tv_squared(x.repeat({1, 3, 1, 1})).item<double>(), 3 * once, 1e-12);
  EXPECT_NEAR(losses::tv_squared(x.repeat({4, 1, 1, 1})).item<double>(), once, 1e-12);
}

TEST(TotalVariation, IsZeroForAFlatPictureAndASinglePixel) {
  EXPECT_EQ(losses::tv_squared(torch::full({1, 3, 4, 5}, 0.7f)).item<float>(), 0);
  EXPECT_EQ(losses::tv_absolute(torch::ones({1, 3, 1, 1})).item<float>(), 0);
}

TEST(TotalVariation, GradientMatchesFiniteDifferences) {
  torch::manual_seed(1);
  const auto at = torch::rand({2, 3, 4, 5}, torch::kDouble);
  EXPECT_LT(gradient_error([](const Tensor& x) { return losses::tv_squared(x); }, at), kGradientTolerance);
  EXPECT_LT(gradient_error([](const Tensor& x) { return losses::tv_absolute(x); }, at), kGradientTolerance);
}

TEST(TotalVariation, RefusesWhatIsNoPicture) {
  EXPECT_THROW(losses::tv_squared(torch::rand({3, 4, 4})), Error);
  EXPECT_THROW(losses::tv_absolute(torch::rand({1, 3, 0, 4})), Error);
}

}  // namespace
}  // namespace atelier
