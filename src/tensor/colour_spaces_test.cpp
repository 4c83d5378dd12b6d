#include "tensor/colour_spaces.h"

#include <gtest/gtest.h>

#include "atelier/error.h"
#include "support/numeric_gradient.h"
#include "support/tolerance.h"

namespace atelier {
namespace {

Tensor pixel(double r, double g, double b) { return torch::tensor({r, g, b}, torch::kDouble).view({1, 3, 1, 1}); }

TEST(ColourSpaces, MatchKnownColours) {
  EXPECT_NEAR(colour::srgb_to_linear(pixel(0.5, 0, 0))[0][0].item<double>(), 0.21404, 1e-5);
  EXPECT_NEAR(colour::srgb_to_linear(pixel(0.02, 0, 0))[0][0].item<double>(), 0.02 / 12.92, 1e-12);
  EXPECT_NEAR(colour::luma(pixel(1, 0.5, 0.25)).item<double>(), 0.299 + 0.2935 + 0.0285, 1e-12);
  const auto red = colour::rgb_to_lab(pixel(1, 0, 0)), grey = colour::rgb_to_lab(pixel(0.5, 0.5, 0.5));
  EXPECT_TRUE(torch::allclose(red, pixel(53.24, 80.09, 67.20), 0, 0.03));
  EXPECT_TRUE(torch::allclose(grey, pixel(53.39, 0, 0), 0, 0.03));
}

TEST(ColourSpaces, GreyHasNoChroma) {
  const auto yiq = colour::rgb_to_yiq(pixel(0.3, 0.3, 0.3));
  EXPECT_TRUE(torch::allclose(yiq, pixel(0.3, 0, 0), 0, 1e-12));
}

TEST(ColourSpaces, ReturnToWhereTheyStarted) {
  torch::manual_seed(1);
  const auto picture = torch::rand({2, 3, 9, 7}, torch::kDouble);
  const auto same = [&](const Tensor& there_and_back) { return (there_and_back - picture).abs().max().item<double>(); };
  EXPECT_LT(same(colour::linear_to_srgb(colour::srgb_to_linear(picture))), 1e-6);
  EXPECT_LT(same(colour::yiq_to_rgb(colour::rgb_to_yiq(picture))), 1e-12);
  EXPECT_LT(same(colour::lab_to_rgb(colour::rgb_to_lab(picture))), 1e-6);
}

TEST(ColourSpaces, GradientsMatchFiniteDifferences) {
  torch::manual_seed(1);
  const auto at = torch::rand({1, 3, 2, 3}, torch::kDouble) * 0.9 + 0.06;
  EXPECT_LT(gradient_error([](const Tensor& x) { return colour::rgb_to_lab(x).square().sum(); }, at),
            kGradientTolerance);
  EXPECT_LT(gradient_error([](const Tensor& x) { return colour::linear_to_srgb(x).square().sum(); }, at),
            kGradientTolerance);
}

TEST(ColourSpaces, BlackHasAFiniteGradient) {
  const auto black = torch::zeros({1, 3, 2, 2}).requires_grad_();
  (colour::rgb_to_lab(black).sum() + colour::linear_to_srgb(black).sum()).backward();
  EXPECT_TRUE(black.grad().isfinite().all().item<bool>());
}

TEST(ColourSpaces, RefuseOtherThanThreeChannels) {
  EXPECT_THROW(colour::luma(torch::rand({1, 4, 2, 2})), Error);
  EXPECT_THROW(colour::rgb_to_lab(torch::rand({3, 2, 2})), Error);
}

}  // namespace
}  // namespace atelier
