#include "tensor/guided_filter.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "support/numeric_gradient.h"
#include "support/tolerance.h"

namespace atelier {
namespace {

TEST(BoxMean, IsTheMeanOfTheWindowCutAtTheEdge) {
  const auto x = torch::tensor({1., 2., 6., 3., 4., 8.}).reshape({1, 1, 2, 3});
  const auto wanted = torch::tensor({2.5, 4., 5., 2.5, 4., 5.}).reshape({1, 1, 2, 3});
  EXPECT_TRUE(torch::allclose(box_mean(x, 1), wanted));
  EXPECT_TRUE(torch::allclose(box_mean(x, 0), x));
  EXPECT_TRUE(torch::allclose(box_mean(x, 50), torch::full_like(x, 4)));
}

TEST(GuidedFilter, ReproducesWhatIsAnAffineFunctionOfTheGuide) {
  torch::manual_seed(1);
  const auto guide = torch::rand({1, 3, 20, 24}, torch::kDouble);
  const auto picture = 0.3 * guide.narrow(1, 0, 1) - 0.5 * guide.narrow(1, 2, 1) + 0.4;
  EXPECT_TRUE(torch::allclose(guided_filter(picture, guide, 4, 1e-9), picture, 1e-5, 1e-5));
}

TEST(GuidedFilter, OfAFlatGuideIsTheMeanOfTheMeans) {
  torch::manual_seed(2);
  const auto picture = torch::rand({1, 2, 12, 10});
  const auto flat = torch::full({1, 3, 12, 10}, 0.5);
  EXPECT_TRUE(torch::allclose(guided_filter(picture, flat, 2, 1e-3), box_mean(box_mean(picture, 2), 2), 1e-4, 1e-5));
}

TEST(GuidedFilter, SmoothsNoiseAndKeepsTheGuidesEdge) {
  torch::manual_seed(3);
  auto guide = torch::zeros({1, 3, 32, 32});
  guide.narrow(3, 16, 16).fill_(1);
  const auto noisy = guide.narrow(1, 0, 1) * 0.6 + 0.1 * torch::randn({1, 1, 32, 32});
  const auto out = guided_filter(noisy, guide, 4, 1e-4);
  EXPECT_LT(out.narrow(3, 0, 16).std().item<double>(), 0.04);
  const auto step = out.narrow(3, 16, 1).mean() - out.narrow(3, 15, 1).mean();
  EXPECT_NEAR(step.item<double>(), 0.6, 0.08);
}

TEST(GuidedFilter, ByChannelIsItsFormulaInAWindowThatHoldsEverything) {
  // One window of three pixels: a = cov / (var + eps) with cov = 2/3, var = 2/3, and both means are the same
  // everywhere.
  const auto guide = torch::tensor({1., 2., 3.}).reshape({1, 1, 1, 3});
  const auto picture = torch::tensor({5., 6., 7.}).reshape({1, 1, 1, 3});
  const double slope = (2. / 3) / (2. / 3 + 0.5);
  const auto wanted = slope * guide + 6 - slope * 2;
  EXPECT_TRUE(torch::allclose(guided_filter_by_channel(picture, guide, 5, 0.5), wanted));
}

TEST(GuidedFilter, ByChannelLooksAtNoOtherChannel) {
  torch::manual_seed(5);
  const auto picture = torch::rand({2, 3, 7, 9}, torch::kDouble), guide = torch::rand({2, 3, 7, 9}, torch::kDouble);
  const auto both = guided_filter_by_channel(picture, guide, 1, 1e-2);
  const auto one = guided_filter_by_channel(picture.narrow(1, 1, 1), guide.narrow(1, 1, 1), 1, 1e-2);
  EXPECT_TRUE(torch::allclose(both.narrow(1, 1, 1), one));
}

TEST(GuidedFilter, ByChannelHasItsGradients) {
  torch::manual_seed(6);
  const auto at = torch::rand({1, 2, 5, 6}, torch::kDouble), other = torch::rand_like(at),
             weight = torch::rand_like(at);
  const auto as_picture = [&](const Tensor& x) { return (guided_filter_by_channel(x, other, 1, 0.1) * weight).sum(); };
  const auto as_guide = [&](const Tensor& x) { return (guided_filter_by_channel(other, x, 1, 0.1) * weight).sum(); };
  EXPECT_LT(gradient_error(as_picture, at), kGradientTolerance);
  EXPECT_LT(gradient_error(as_guide, at), kGradientTolerance);
}

TEST(GuidedFilter, RefusesWhatDoesNotFit) {
  const auto picture = torch::rand({1, 3, 8, 8});
  EXPECT_THROW(guided_filter(picture, torch::rand({1, 3, 8, 9}), 2, 1e-3), Error);
  EXPECT_THROW(guided_filter(picture, torch::rand({1, 1, 8, 8}), 2, 1e-3), Error);
  EXPECT_THROW(guided_filter(picture, picture, 0, 1e-3), Error);
  EXPECT_THROW(guided_filter(picture, picture, 2, 0), Error);
  EXPECT_THROW(box_mean(torch::rand({3, 8, 8}), 1), Error);
  EXPECT_THROW(guided_filter_by_channel(picture, torch::rand({1, 1, 8, 8}), 1, 1e-3), Error);
  EXPECT_THROW(guided_filter_by_channel(picture, picture, 0, 1e-3), Error);
}

}  // namespace
}  // namespace atelier
