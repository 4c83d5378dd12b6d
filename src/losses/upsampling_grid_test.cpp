#include "losses/upsampling_grid.h"

#include <gtest/gtest.h>

#include <cmath>

#include "atelier/error.h"
#include "support/numeric_gradient.h"
#include "support/tolerance.h"

namespace atelier {
namespace {

/// Ones where column + row are a multiple of `period`, zeros elsewhere.
Tensor pattern(std::int64_t side, std::int64_t period) {
  const auto at = torch::arange(side);
  return ((at.view({1, side}) + at.view({side, 1})) % period == 0).to(torch::kDouble).reshape({1, 1, side, side});
}

TEST(UpsamplingGrid, MatchesAHandComputedValue) {
  // Columns alternate between 0 and 1: minus the mean of 9 (4/9 or 5/9) that is ±4/9 at the centre of each.
  const auto columns = (torch::arange(40) % 2).to(torch::kDouble).reshape({1, 1, 1, 40}).expand({1, 1, 40, 40});
  EXPECT_NEAR(losses::upsampling_grid(columns).item<double>(), 16. / 81, 1e-12);
}

TEST(UpsamplingGrid, SeesTheGridsOfUpsamplingAndNoOthers) {
  for (const int period : {2, 4, 8}) EXPECT_GT(losses::upsampling_grid(pattern(104, period)).item<double>(), 0.05);
  for (const int period : {3, 5, 7}) EXPECT_LT(losses::upsampling_grid(pattern(104, period)).item<double>(), 0.002);
}

TEST(UpsamplingGrid, IsBlindToSlopesAndSmallForNoise) {
  const auto slope = torch::linspace(0, 1, 104, torch::kDouble).reshape({1, 1, 1, 104}).expand({1, 3, 104, 104});
  EXPECT_NEAR(losses::upsampling_grid(slope).item<double>(), 0, 1e-12);
  torch::manual_seed(1);
  const auto noise = torch::randn({4, 3, 104, 104}, torch::kDouble);
  EXPECT_NEAR(losses::upsampling_grid(noise).item<double>(), 1. / 144, 0.2 / 144);
}

TEST(UpsamplingGrid, FindsWhatDiffersFromWindowToWindow) {  // two halves whose grids would cancel in one mean
  const auto one = pattern(104, 4), other = pattern(104, 4).roll({2}, {3});
  const auto both = torch::cat({one.slice(3, 0, 100), other.slice(3, 4, 104)}, 3);
  EXPECT_GT(losses::upsampling_grid(both).item<double>(), 0.8 * losses::upsampling_grid(one).item<double>());
}

TEST(UpsamplingGrid, GradientMatchesFiniteDifferences) {
  torch::manual_seed(1);
  const auto at = torch::rand({1, 2, 24, 26}, torch::kDouble);
  EXPECT_LT(gradient_error([](const Tensor& x) { return losses::upsampling_grid(x); }, at), kGradientTolerance);
}

TEST(UpsamplingGrid, RefusesWhatIsTooSmall) {
  EXPECT_THROW(losses::upsampling_grid(torch::rand({1, 3, 23, 64})), Error);
  EXPECT_THROW(losses::upsampling_grid(torch::rand({3, 64, 64})), Error);
}

}  // namespace
}  // namespace atelier
