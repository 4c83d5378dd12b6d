#include "losses/edge_aware_smoothness.h"

#include <gtest/gtest.h>

#include <cmath>

#include "atelier/error.h"
#include "support/numeric_gradient.h"
#include "support/tolerance.h"

namespace atelier {
namespace {

/// Two cells side by side and two below them, by their values.
Tensor four_cells(double a, double b, double c, double d) {
  return torch::tensor({a, b, c, d}, torch::kDouble)
      .view({1, 1, 2, 2})
      .repeat_interleave(16, 2)
      .repeat_interleave(16, 3);
}

TEST(EdgeAwareSmoothness, MatchesAHandComputedValue) {
  // Pairs: 0.1 and 0 apart across, 0 and 0.1 down; the photo has an edge of 0.03 between the upper two.
  const auto picture = four_cells(0.5, 0.6, 0.5, 0.5), photo = four_cells(0.2, 0.23, 0.2, 0.23);
  EXPECT_NEAR(losses::edge_aware_smoothness(picture, photo).item<double>(), (0.01 * std::exp(-1) + 0.01) / 4, 1e-12);
}

TEST(EdgeAwareSmoothness, IsBlindToTextureAndToWhatThePhotoShows) {
  torch::manual_seed(1);
  const auto flat = torch::full({1, 3, 64, 64}, 0.5, torch::kDouble);
  const auto stripes = (torch::arange(64) % 2).to(torch::kDouble).expand({1, 3, 64, 64});
  EXPECT_NEAR(losses::edge_aware_smoothness(stripes, flat).item<double>(), 0, 1e-12);
  auto spot = flat.clone();
  spot.slice(2, 16, 48).slice(3, 16, 48).add_(0.4);
  EXPECT_LT(losses::edge_aware_smoothness(spot, spot).item<double>(), 1e-6);
  EXPECT_GT(losses::edge_aware_smoothness(spot, flat).item<double>(), 0.01);
}

TEST(EdgeAwareSmoothness, GradientMatchesFiniteDifferences) {
  torch::manual_seed(1);
  const auto at = torch::rand({1, 2, 32, 48}, torch::kDouble), photo = 0.5 + 0.02 * torch::rand_like(at);
  EXPECT_LT(gradient_error([&](const Tensor& x) { return losses::edge_aware_smoothness(x, photo); }, at),
            kGradientTolerance);
}

TEST(EdgeAwareSmoothness, RefusesWhatDoesNotFit) {
  EXPECT_THROW(losses::edge_aware_smoothness(torch::rand({1, 3, 31, 64}), torch::rand({1, 3, 31, 64})), Error);
  EXPECT_THROW(losses::edge_aware_smoothness(torch::rand({1, 3, 32, 64}), torch::rand({1, 3, 64, 32})), Error);
}

}  // namespace
}  // namespace atelier
