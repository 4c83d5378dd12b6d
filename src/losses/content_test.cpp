#include "losses/content.h"

#include <gtest/gtest.h>

#include "atelier/error.h"
#include "support/numeric_gradient.h"
#include "support/tolerance.h"

namespace atelier {
namespace {

using losses::ContentDistance;
using losses::ContentTarget;

constexpr auto kDistances = {ContentDistance::kPaper, ContentDistance::kMeanSquared, ContentDistance::kRelative};

TEST(ContentLoss, MatchesHandComputedValues) {  // F − P = (1, −2), ‖P‖² = 25
  const auto f = torch::tensor({4., 2.}, torch::kDouble), p = torch::tensor({3., 4.}, torch::kDouble);
  EXPECT_DOUBLE_EQ(losses::content_loss(f, p, ContentDistance::kPaper).item<double>(), 2.5);
  EXPECT_DOUBLE_EQ(losses::content_loss(f, p, ContentDistance::kMeanSquared).item<double>(), 2.5);
  EXPECT_DOUBLE_EQ(losses::content_loss(f, p, ContentDistance::kRelative).item<double>(), 0.2);
  const auto twice = [](const Tensor& x) { return torch::cat({x, x}); };
  EXPECT_DOUBLE_EQ(losses::content_loss(twice(f), twice(p), ContentDistance::kPaper).item<double>(), 5);
  EXPECT_DOUBLE_EQ(losses::content_loss(twice(f), twice(p), ContentDistance::kMeanSquared).item<double>(), 2.5);
}

TEST(ContentLoss, IsZeroForTheContentItself) {
  const auto f = torch::rand({1, 3, 4, 5});
  for (const auto distance : kDistances) EXPECT_EQ(losses::content_loss(f, f, distance).item<float>(), 0);
}

TEST(ContentLoss, RelativeFormIgnoresTheScale) {
  torch::manual_seed(1);
  const auto f = torch::rand({1, 3, 4, 5}, torch::kDouble), p = torch::rand({1, 3, 4, 5}, torch::kDouble);
  EXPECT_NEAR(losses::content_loss(f, p, ContentDistance::kRelative).item<double>(),
              losses::content_loss(7 * f, 7 * p, ContentDistance::kRelative).item<double>(), 1e-12);
}

TEST(ContentLoss, GradientMatchesFiniteDifferences) {
  torch::manual_seed(1);
  const auto target = torch::rand({2, 3, 4, 4}, torch::kDouble), at = torch::rand({2, 3, 4, 4}, torch::kDouble);
  for (const auto distance : kDistances)
    EXPECT_LT(gradient_error([&](const Tensor& x) { return losses::content_loss(x, target, distance); }, at),
              kGradientTolerance);
}

TEST(ContentLoss, ClosedFormEqualsAutograd) {
  torch::manual_seed(1);
  const auto target = torch::rand({2, 3, 4, 5}, torch::kDouble), readout = torch::randn({3, 3}, torch::kDouble);
  for (const auto distance : kDistances)
    for (const auto& map : {Tensor(), readout}) {
      const auto x = torch::rand({2, 3, 4, 5}, torch::kDouble).requires_grad_();
      const auto read = [&](const Tensor& y) { return map.defined() ? torch::conv2d(y, map.view({3, 3, 1, 1})) : y; };
      const auto loss = losses::content_loss(read(x), read(target), distance);
      loss.backward();
      const auto closed = ContentTarget(target, distance, map).loss_with_gradient(x);
      EXPECT_NEAR(closed.loss, loss.item<double>(), 1e-12);
      EXPECT_TRUE(torch::allclose(closed.gradient, x.grad(), 1e-9, 1e-12));
      EXPECT_FALSE(closed.gradient.requires_grad());
    }
}

TEST(ContentLoss, ClosedFormMatchesFiniteDifferences) {
  torch::manual_seed(1);
  const auto target = torch::rand({2, 3, 4, 5}, torch::kDouble), at = torch::rand({2, 3, 4, 5}, torch::kDouble);
  const auto direction = torch::randn({2, 3, 4, 5}, torch::kDouble), readout = torch::randn({3, 3}, torch::kDouble);
  for (const auto distance : kDistances) {
    const auto value = [&](double step) {
      return ContentTarget(target, distance, readout).loss_with_gradient(at + step * direction).loss;
    };
    const auto gradient = ContentTarget(target, distance, readout).loss_with_gradient(at).gradient;
    const double numeric = (value(1e-5) - value(-1e-5)) / 2e-5;
    EXPECT_NEAR((gradient * direction).sum().item<double>(), numeric, kGradientTolerance * std::abs(numeric));
  }
}

TEST(ContentLoss, ClosedFormKeepsTheMemoryLayout) {
  torch::manual_seed(1);
  const auto target = torch::rand({2, 3, 4, 5}), at = torch::rand({2, 3, 4, 5}), readout = torch::randn({3, 3});
  const auto last = [](const Tensor& x) { return x.contiguous(torch::MemoryFormat::ChannelsLast); };
  const auto plain = ContentTarget(target, ContentDistance::kRelative, readout).loss_with_gradient(at);
  const auto other = ContentTarget(last(target), ContentDistance::kRelative, readout).loss_with_gradient(last(at));
  EXPECT_NEAR(other.loss, plain.loss, 1e-6);
  EXPECT_TRUE(torch::allclose(other.gradient, plain.gradient, 1e-4, 1e-7));
  EXPECT_TRUE(other.gradient.is_contiguous(torch::MemoryFormat::ChannelsLast));
}

TEST(ContentLoss, ATargetOfZeroGivesANumber) {
  EXPECT_DOUBLE_EQ(
      ContentTarget(torch::zeros({4}), ContentDistance::kRelative).loss_with_gradient(torch::ones({4})).loss, 4);
  EXPECT_DOUBLE_EQ(losses::content_loss(torch::ones({4}), torch::zeros({4}), ContentDistance::kRelative).item<float>(),
                   4);
}

TEST(ContentLoss, RefusesAnotherShape) {
  EXPECT_THROW(losses::content_loss(torch::rand({1, 3, 4, 4}), torch::rand({1, 3, 4, 5})), Error);
  EXPECT_THROW(losses::content_loss(torch::rand({0}), torch::rand({0})), Error);
  const auto f = torch::rand({1, 3, 4, 4});
  EXPECT_THROW(ContentTarget(torch::rand({1, 3, 4, 5}), ContentDistance::kPaper).loss_with_gradient(f), Error);
  EXPECT_THROW(ContentTarget(f, ContentDistance::kPaper, torch::rand({4, 4})), Error);
  EXPECT_THROW(ContentTarget(torch::rand({0}), ContentDistance::kPaper), Error);
}

}  // namespace
}  // namespace atelier
