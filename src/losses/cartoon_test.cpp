#include "losses/cartoon.h"

#include <gtest/gtest.h>

#include "atelier/error.h"
#include "losses/gram.h"
#include "support/numeric_gradient.h"
#include "support/tolerance.h"

namespace atelier {
namespace {

Tensor pixel(double r, double g, double b) { return torch::tensor({r, g, b}, torch::kDouble).view({1, 3, 1, 1}); }

TEST(CartoonLosses, ColourReconstructionMatchesAHandComputedValue) {
  // From black to pure blue: Y 0.114, U 0.492 · 0.886, V −0.877 · 0.114.
  const double u = 0.492 * 0.886, v = 0.877 * 0.114;
  EXPECT_NEAR(losses::colour_reconstruction_loss(pixel(0, 0, 1), pixel(0, 0, 0)).item<double>(),
              0.114 + u * u / 2 + v * v / 2, 1e-12);
}

TEST(CartoonLosses, ColourReconstructionOfGreysIsTheDifferenceOfLuma) {
  EXPECT_NEAR(losses::colour_reconstruction_loss(pixel(0.7, 0.7, 0.7), pixel(0.2, 0.2, 0.2)).item<double>(), 0.5,
              1e-12);
}

TEST(CartoonLosses, GreyStyleIgnoresColoursOfTheStyleAndIsRelative) {
  torch::manual_seed(1);
  const auto style = torch::rand({1, 3, 6, 6}, torch::kDouble);
  const auto grey = losses::to_grey(style);
  EXPECT_TRUE(torch::allclose(grey, losses::to_grey(grey)));
  const auto target = losses::gram(grey);
  EXPECT_NEAR(losses::grey_style_loss(grey, target).item<double>(), 0, 1e-12);
  EXPECT_NEAR(losses::grey_style_loss(torch::zeros_like(grey), target).item<double>(), 1, 1e-12);
  EXPECT_NEAR(losses::grey_style_loss(style * 5, losses::gram(grey * 5)).item<double>(),
              losses::grey_style_loss(style, target).item<double>(), 1e-12);
}

TEST(CartoonLosses, RelativeL1MatchesAHandComputedValue) {
  EXPECT_DOUBLE_EQ(losses::relative_l1(pixel(1, 2, 3), pixel(2, 2, -4)).item<double>(), 8. / 8);
  EXPECT_DOUBLE_EQ(losses::relative_l1(pixel(1, 2, 3), pixel(0, 0, 0)).item<double>(), 2);
}

TEST(CartoonLosses, GradientsMatchFiniteDifferences) {
  torch::manual_seed(2);
  const auto at = torch::rand({1, 3, 4, 4}, torch::kDouble), other = torch::rand({1, 3, 4, 4}, torch::kDouble);
  const auto gram = losses::gram(losses::to_grey(other));
  const auto error = [&](const std::function<Tensor(const Tensor&)>& loss) { return gradient_error(loss, at); };
  EXPECT_LT(error([&](const Tensor& x) { return losses::relative_l1(x, other); }), kGradientTolerance);
  EXPECT_LT(error([&](const Tensor& x) { return losses::grey_style_loss(x, gram); }), kGradientTolerance);
  EXPECT_LT(error([&](const Tensor& x) { return losses::colour_reconstruction_loss(x, other); }), kGradientTolerance);
}

TEST(CartoonLosses, RefuseWhatDoesNotFit) {
  EXPECT_THROW(losses::relative_l1(torch::rand({1, 3, 4, 4}), torch::rand({1, 3, 4, 5})), Error);
  EXPECT_THROW(losses::grey_style_loss(torch::rand({1, 3, 4, 4}), torch::rand({1, 4, 4})), Error);
  EXPECT_THROW(losses::colour_reconstruction_loss(torch::rand({1, 3, 4, 4}), torch::rand({2, 3, 4, 4})), Error);
}

}  // namespace
}  // namespace atelier
