#include "losses/moments.h"

#include <gtest/gtest.h>

#include "atelier/error.h"
#include "support/numeric_gradient.h"
#include "support/tolerance.h"

namespace atelier {
namespace {

TEST(Moments, MatchHandComputedValues) {  // (1 3): mean 2, deviation 1; (0 8): mean 4, deviation 4
  const auto f = torch::tensor({1., 3., 0., 8.}, torch::kDouble).reshape({1, 2, 1, 2});
  const auto [mean, deviation] = losses::moments(f);
  EXPECT_TRUE(torch::allclose(mean, torch::tensor({2., 4.}, torch::kDouble).view({1, 2})));
  EXPECT_TRUE(torch::allclose(deviation, torch::tensor({1., 4.}, torch::kDouble).view({1, 2})));
  const losses::Moments target{torch::zeros({1, 2}, torch::kDouble), torch::ones({1, 2}, torch::kDouble)};
  EXPECT_NEAR(losses::moments_loss(f, target).item<double>(), (4 + 16 + 0 + 9) / 2., 1e-8);
}

TEST(MomentsLoss, IgnoresWhereThePixelsAre) {
  torch::manual_seed(1);
  const auto f = torch::rand({1, 4, 5, 6}, torch::kDouble);
  const auto shuffled = f.flatten(2).index_select(2, torch::randperm(30)).reshape_as(f);
  EXPECT_LT(losses::moments_loss(shuffled, losses::moments(f)).item<double>(), 1e-20);
}

TEST(MomentsLoss, GradientMatchesFiniteDifferences) {
  torch::manual_seed(1);
  const auto target = losses::moments(torch::rand({1, 3, 6, 6}, torch::kDouble));
  const auto at = torch::rand({2, 3, 4, 4}, torch::kDouble);
  EXPECT_LT(gradient_error([&](const Tensor& x) { return losses::moments_loss(x, target); }, at), kGradientTolerance);
}

TEST(MomentsLoss, AConstantChannelHasAFiniteGradient) {
  const auto x = torch::ones({1, 2, 4, 4}).requires_grad_();
  losses::moments_loss(x, losses::moments(torch::rand({1, 2, 4, 4}))).backward();
  EXPECT_TRUE(x.grad().isfinite().all().item<bool>());
}

TEST(MomentsLoss, RefusesWhatDoesNotFit) {
  EXPECT_THROW(losses::moments(torch::rand({3, 4, 4})), Error);
  EXPECT_THROW(losses::moments_loss(torch::rand({1, 3, 4, 4}), losses::moments(torch::rand({1, 8, 4, 4}))), Error);
}

}  // namespace
}  // namespace atelier
