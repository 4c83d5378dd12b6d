#include "tensor/colour_transfer.h"

#include <gtest/gtest.h>

#include "atelier/error.h"
#include "tensor/colour_spaces.h"

namespace atelier {
namespace {

using colour::LinearMap;

constexpr auto kMaps = {LinearMap::kCholesky, LinearMap::kPca, LinearMap::kMk};

// Correlated colours far from 0 and 1, so that nothing is clamped.
Tensor cloud(std::int64_t height, std::int64_t width, std::uint64_t seed, double centre) {
  torch::manual_seed(seed);
  const auto loose = torch::rand({3, height * width}, torch::kDouble) - 0.5;
  const auto mixed = torch::randn({3, 3}, torch::kDouble).matmul(loose);
  return (centre + mixed * (0.2 / mixed.abs().max())).view({1, 3, height, width});
}

Tensor symmetric(std::vector<double> values) { return torch::tensor(values, torch::kDouble).view({3, 3}); }

TEST(ColourStatistics, MatchHandComputedValues) {  // two pixels: (0 1 0) and (1 0 0)
  const auto picture = torch::tensor({0., 1., 1., 0., 0., 0.}, torch::kDouble).view({1, 3, 1, 2});
  const auto [mean, covariance] = colour::statistics(picture);
  EXPECT_TRUE(torch::allclose(mean, torch::tensor({0.5, 0.5, 0.}, torch::kDouble)));
  EXPECT_TRUE(torch::allclose(covariance, symmetric({0.25, -0.25, 0, -0.25, 0.25, 0, 0, 0, 0})));
}

TEST(LinearColourMap, ScalesByTheRatioOfDeviations) {  // diagonal covariances: all three agree
  const auto source = symmetric({0.04, 0, 0, 0, 0.01, 0, 0, 0, 0.09});
  const auto reference = symmetric({0.01, 0, 0, 0, 0.04, 0, 0, 0, 0.09});
  const auto want = torch::diag(torch::tensor({0.5, 2., 1.}, torch::kDouble));
  for (const auto kind : kMaps)
    EXPECT_TRUE(torch::allclose(colour::linear_map(source, reference, kind), want, 0, 2e-3));
}

TEST(LinearColourMap, GivesTheMeanAndCovarianceWanted) {
  const auto picture = cloud(40, 50, 1, 0.4), reference = cloud(30, 30, 2, 0.6);
  const auto own = colour::statistics(picture), want = colour::statistics(reference);
  for (const auto kind : kMaps) {
    const auto got = colour::statistics(colour::match_linear(picture, reference, kind));
    EXPECT_TRUE(torch::allclose(got.mean, want.mean, 0, 1e-9));
    // Exactly what A (Σ_s + 1e-5) Aᵀ = Σ_r + 1e-5 leaves.
    const auto map = colour::linear_map(own.covariance, want.covariance, kind);
    const auto added = 1e-5 * (torch::eye(3, torch::kDouble) - map.matmul(map.t()));
    EXPECT_TRUE(torch::allclose(got.covariance, want.covariance + added, 0, 1e-9));
    EXPECT_LT((got.covariance - want.covariance).norm().item<double>(), 0.1 * want.covariance.norm().item<double>());
  }
}

TEST(LinearColourMap, IsTheIdentityBetweenEqualPictures) {
  const auto picture = cloud(40, 50, 1, 0.5);
  for (const auto kind : kMaps)
    EXPECT_TRUE(torch::allclose(colour::match_linear(picture, picture, kind), picture, 0, 1e-9));
}

TEST(LinearColourMap, MongeKantorovichIsSymmetricAndPositive) {
  const auto source = colour::statistics(cloud(20, 20, 1, 0.5)).covariance;
  const auto reference = colour::statistics(cloud(20, 20, 2, 0.5)).covariance;
  const auto map = colour::linear_map(source, reference, LinearMap::kMk);
  EXPECT_TRUE(torch::allclose(map, map.t(), 0, 1e-9));
  EXPECT_GT(torch::linalg_eigvalsh(map).min().item<double>(), 0);
}

TEST(LinearColourMap, MongeKantorovichMovesColoursTheLeast) {
  const auto picture = cloud(40, 50, 1, 0.4), reference = cloud(30, 30, 2, 0.6);
  const auto moved = [&](LinearMap kind) {
    return (colour::match_linear(picture, reference, kind) - picture).square().mean().item<double>();
  };
  EXPECT_LE(moved(LinearMap::kMk), moved(LinearMap::kPca));
  EXPECT_LE(moved(LinearMap::kMk), moved(LinearMap::kCholesky));
}

TEST(LinearColourMap, TakesGreyAndFlatPictures) {
  torch::manual_seed(3);
  const auto grey = torch::rand({1, 1, 20, 20}).repeat({1, 3, 1, 1});
  const auto flat = torch::full({1, 3, 5, 5}, 0.5f), colourful = torch::rand({1, 3, 20, 20});
  for (const auto kind : kMaps)
    for (const auto& [a, b] : {std::pair{grey, colourful}, {colourful, grey}, {flat, colourful}, {colourful, flat}}) {
      const auto out = colour::match_linear(a, b, kind);
      EXPECT_TRUE(out.isfinite().all().item<bool>());
      EXPECT_TRUE(out.ge(0).logical_and(out.le(1)).all().item<bool>());
    }
}

TEST(HistogramMatching, TakesTheValuesOfTheReferenceInOrder) {
  const auto picture = torch::tensor({0.1f, 0.3f, 0.2f, 0.4f}).view({1, 1, 2, 2}).repeat({1, 3, 1, 1});
  const auto reference = torch::tensor({0.9f, 0.8f, 0.5f, 0.6f}).view({1, 1, 1, 4}).repeat({1, 3, 1, 1});
  const auto want = torch::tensor({0.5f, 0.8f, 0.6f, 0.9f}).view({1, 1, 2, 2}).repeat({1, 3, 1, 1});
  EXPECT_TRUE(torch::allclose(colour::match_histogram(picture, reference), want));
}

TEST(HistogramMatching, IsTheIdentityBetweenEqualPictures) {
  torch::manual_seed(3);
  const auto picture = (torch::rand({1, 3, 30, 40}) * 20).round() / 20;  // many equal values
  EXPECT_TRUE(torch::allclose(colour::match_histogram(picture, picture), picture, 0, 1e-6));
  EXPECT_TRUE(torch::allclose(colour::match_histogram(picture, picture, 4), picture, 0, 0.01));
}

TEST(HistogramMatching, TurnedAxesBringTheCovarianceCloser) {
  const auto picture = cloud(60, 60, 1, 0.5).to(torch::kFloat), reference = cloud(50, 70, 2, 0.5).to(torch::kFloat);
  const auto want = colour::statistics(reference).covariance;
  const auto error = [&](int rotations) {
    const auto matched = colour::match_histogram(picture, reference, rotations);
    return (colour::statistics(matched).covariance - want).norm().item<double>();
  };
  EXPECT_LT(error(10), 0.1 * error(0));
  EXPECT_TRUE(colour::match_histogram(picture, reference, 3).equal(colour::match_histogram(picture, reference, 3)));
}

TEST(HistogramMatching, TakesASinglePixelAndAFlatPicture) {
  const auto one = torch::full({1, 3, 1, 1}, 0.2f), flat = torch::full({1, 3, 4, 4}, 0.5f);
  for (const int rotations : {0, 2}) {
    const auto dim = torch::full({1, 3, 4, 4}, 0.2f);
    EXPECT_TRUE(torch::allclose(colour::match_histogram(flat, one, rotations), dim, 0, 1e-5));
    EXPECT_TRUE(colour::match_histogram(one, torch::rand({1, 3, 4, 4}), rotations).isfinite().all().item<bool>());
  }
}

TEST(KeepLuma, TakesLightFromOneAndHueFromTheOther) {
  const auto result = cloud(20, 30, 1, 0.5), content = cloud(20, 30, 2, 0.5);
  const auto kept = colour::rgb_to_yiq(colour::keep_luma(result, content));
  EXPECT_TRUE(torch::allclose(kept.slice(1, 0, 1), colour::luma(result), 0, 1e-9));
  EXPECT_TRUE(torch::allclose(kept.slice(1, 1), colour::rgb_to_yiq(content).slice(1, 1), 0, 1e-3));
}

TEST(KeepLuma, KeepsLumaAndHueWhereTheColourDoesNotExist) {  // pure blue as bright as 0.9
  const auto blue = torch::tensor({0., 0., 1.}, torch::kDouble).view({1, 3, 1, 1});
  const auto kept = colour::keep_luma(torch::full({1, 3, 1, 1}, 0.9, torch::kDouble), blue);
  EXPECT_NEAR(colour::luma(kept).item<double>(), 0.9, 1e-12);
  EXPECT_NEAR(kept.max().item<double>(), 1.0, 1e-12);
  EXPECT_NEAR(kept[0][0].item<double>(), kept[0][1].item<double>(), 1e-12);
}

TEST(KeepLuma, IsTheIdentityBetweenEqualPictures) {
  torch::manual_seed(3);
  const auto picture = torch::rand({1, 3, 9, 9});
  EXPECT_TRUE(torch::allclose(colour::keep_luma(picture, picture), picture, 0, 1e-5));
}

TEST(MatchLuma, GivesMeanAndDeviationOfTheContent) {
  const auto style = cloud(20, 30, 1, 0.4), content = cloud(25, 25, 2, 0.6);
  const auto matched = colour::match_luma(style, content);
  EXPECT_NEAR(colour::luma(matched).mean().item<double>(), colour::luma(content).mean().item<double>(), 1e-9);
  EXPECT_NEAR(colour::luma(matched).std(false).item<double>(), colour::luma(content).std(false).item<double>(), 1e-3);
  EXPECT_TRUE(matched.slice(1, 0, 1).equal(matched.slice(1, 2, 3)));
}

TEST(ColourTransfer, RefusesOtherShapes) {
  const auto good = torch::rand({1, 3, 4, 4});
  EXPECT_THROW(colour::statistics(torch::rand({2, 3, 4, 4})), Error);
  EXPECT_THROW(colour::match_linear(good, torch::rand({1, 1, 4, 4}), LinearMap::kMk), Error);
  EXPECT_THROW(colour::match_histogram(torch::rand({1, 3, 0, 4}), good), Error);
  EXPECT_THROW(colour::match_histogram(good, good, -1), Error);
  EXPECT_THROW(colour::keep_luma(good, torch::rand({1, 3, 4, 5})), Error);
}

}  // namespace
}  // namespace atelier
