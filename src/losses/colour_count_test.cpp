#include "losses/colour_count.h"

#include <gtest/gtest.h>

#include "atelier/error.h"
#include "support/numeric_gradient.h"
#include "support/tolerance.h"

namespace atelier {
namespace {

Tensor levels(double level, std::int64_t side = 8) {
  return torch::full({1, 3, side, side}, level / 255, torch::kDouble);
}

Tensor numbers(std::vector<double> values) { return torch::tensor(values, torch::kDouble); }

/// A smooth picture with some noise, as photos have, dense enough in colours for new clusters to condense.
Tensor photo_like(std::int64_t side) {
  torch::manual_seed(3);
  const auto ramp = torch::linspace(0.4, 0.6, side);
  const auto plane = torch::stack({ramp.view({-1, 1}).expand({side, side}), ramp.view({1, -1}).expand({side, side}),
                                   torch::full({side, side}, 0.5)});
  return (plane.unsqueeze(0) + torch::randn({1, 3, side, side}) * 0.01).clamp(0, 1);
}

/// Optimises the pixels alone; returns the number of clusters at the end.
double follow(const Tensor& start, double wanted, int steps) {
  auto x = start.clone().requires_grad_(true);
  torch::optim::Adam adam({x}, torch::optim::AdamOptions(0.5 / 255).betas({0.5, 0.99}));
  for (int i = 0; i < steps; ++i) {
    adam.zero_grad();
    losses::soft_colour_count_loss(x, numbers({wanted})).backward();
    adam.step();
  }
  return losses::colour_counts(x.detach())[0].item<double>();
}

TEST(ColourCount, CountsFlatFields) {
  auto picture = levels(10);
  picture.slice(3, 0, 4).fill_(200. / 255);
  EXPECT_EQ(losses::colour_counts(torch::cat({picture, levels(10)})).sum().item<double>(), 3);
}

TEST(ColourCount, LiteralIsTheMeanDistanceAndHasNoGradient) {
  const auto loss = losses::colour_count_distance(numbers({3, 10}), numbers({5, 9}));
  EXPECT_DOUBLE_EQ(loss.item<double>(), 1.5);
  auto x = levels(10).requires_grad_(true);
  EXPECT_FALSE(losses::colour_count_distance(losses::colour_counts(x), numbers({2})).requires_grad());
}

TEST(ColourCount, PullIsHuberInRadii) {
  // One of 64 pixels half a radius away, another four radii: (0.5²/2 + 3.5) / 64.
  const auto picture = levels(100);
  losses::ColourGoals goals{numbers({1}), picture.clone(), torch::zeros({1, 1, 8, 8}, torch::kDouble)};
  goals.colours[0][0][0][0] = 101. / 255;
  goals.colours[0][1][0][1] = 108. / 255;
  goals.pulled[0][0][0].slice(0, 0, 2) = 1;
  EXPECT_NEAR(losses::colour_pull(picture, goals).item<double>(), 3.625 / 64, 1e-12);
}

TEST(ColourCount, PullGradientMatchesFiniteDifferences) {
  torch::manual_seed(5);
  const auto at = torch::rand({1, 3, 5, 5}, torch::kDouble);
  const losses::ColourGoals goals{numbers({1}), at + torch::randn_like(at) * 0.01,
                                  (torch::rand({1, 1, 5, 5}, torch::kDouble) > 0.3).to(torch::kDouble)};
  EXPECT_LT(gradient_error([&](const Tensor& x) { return losses::colour_pull(x, goals); }, at), kGradientTolerance);
}

TEST(ColourCount, SoftIsZeroExactlyWhereTheNumbersAgree) {
  const auto photo = photo_like(48);
  const auto now = losses::colour_counts(photo);
  EXPECT_EQ(losses::soft_colour_count_loss(photo, now).item<double>(), 0);
  EXPECT_GT(losses::soft_colour_count_loss(photo, now + 3).item<double>(), 0);
}

TEST(ColourCount, PixelsFollowTheWantedNumberUpAndDown) {
  const auto photo = photo_like(64);
  const double now = losses::colour_counts(photo)[0].item<double>();
  EXPECT_EQ(follow(photo, now + 20, 60), now + 20);
  auto many = photo.clone();
  for (int i = 0; i < 12; ++i) many.slice(2, 2 * i, 2 * i + 2).fill_(static_cast<float>(i) / 12);
  const double counted = losses::colour_counts(many)[0].item<double>();
  ASSERT_GE(counted, 12);
  EXPECT_EQ(follow(many, 4, 400), 4);
}

TEST(ColourCount, AFlatPictureIsPulledApart) {
  const auto flat = levels(128, 32);
  auto x = flat.clone().requires_grad_(true);
  const auto loss = losses::soft_colour_count_loss(x, numbers({6}));
  EXPECT_GT(loss.item<double>(), 0);
  loss.backward();
  EXPECT_GT(x.grad().abs().max().item<double>(), 0);
  for (const double wanted : {2, 6, 20}) EXPECT_EQ(follow(flat, wanted, 300), wanted);
  EXPECT_EQ(follow(levels(0, 32), 5, 300), 5);
  EXPECT_EQ(losses::soft_colour_count_loss(flat, numbers({1})).item<double>(), 0);
}

TEST(ColourCount, AFlatPicturePartsByDifferencesBelowALevel) {
  auto nearly = levels(128, 16);
  nearly.slice(3, 8).add_(0.3 / 255);
  const auto goals = losses::colour_goals(nearly, numbers({2}));
  const auto left = goals.colours.slice(3, 0, 8), right = goals.colours.slice(3, 8);
  EXPECT_NEAR(left.std().item<double>() + right.std().item<double>(), 0, 0.02);
  EXPECT_EQ(left[0][0].max().item<double>(), left[0][0].min().item<double>());
  EXPECT_EQ(right[0][0].max().item<double>(), right[0][0].min().item<double>());
  EXPECT_LT(left.mean().item<double>(), right.mean().item<double>());
}

TEST(ColourCount, RefusesWhatIsNoPictureOrDoesNotFit) {
  EXPECT_THROW(losses::colour_counts(torch::rand({1, 1, 4, 4})), Error);
  EXPECT_THROW(losses::colour_counts(torch::full({1, 3, 4, 4}, NAN)), Error);
  EXPECT_THROW(losses::soft_colour_count_loss(levels(10), numbers({1, 2})), Error);
  EXPECT_THROW(losses::colour_count_distance(numbers({1}), numbers({1, 2})), Error);
  const auto goals = losses::colour_goals(levels(10), numbers({1}));
  EXPECT_THROW(losses::colour_pull(levels(10, 4), goals), Error);
}

}  // namespace
}  // namespace atelier
