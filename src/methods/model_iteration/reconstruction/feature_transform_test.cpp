#include "methods/model_iteration/reconstruction/feature_transform.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"

namespace atelier::reconstruction {
namespace {

constexpr Transform kFull[] = {Transform::kEigen, Transform::kCholesky, Transform::kOptimal};

/// Features with correlated channels of different scale.
Tensor correlated(std::uint64_t seed, std::int64_t channels = 6, std::int64_t side = 40) {
  torch::manual_seed(seed);
  const auto mix = torch::randn({channels, channels}, torch::kDouble);
  const auto rows = mix.matmul(torch::randn({channels, side * side}, torch::kDouble)) +
                    3 * torch::randn({channels, 1}, torch::kDouble);
  return rows.reshape({1, channels, side, side});
}

Tensor diagonal(std::vector<double> values) { return torch::diag(torch::tensor(values, torch::kDouble)); }

FeatureStatistics with_covariance(const Tensor& covariance) {
  return {torch::zeros({covariance.size(0)}, torch::kDouble), covariance, 100};
}

TEST(FeatureStatistics, MatchHandComputedValues) {  // channel 1: 1 2 3 6; channel 2: 0 4 4 4
  const auto f = torch::tensor({1., 2., 3., 6., 0., 4., 4., 4.}).reshape({1, 2, 2, 2});
  const auto found = feature_statistics(f);
  EXPECT_TRUE(torch::allclose(found.mean, torch::tensor({3., 3.}, torch::kDouble)));
  // Centred: -2 -1 0 3 and -3 1 1 1; products 14, 12 and 6 - 1 + 0 + 3 = 8, over n - 1 = 3.
  const auto want = torch::tensor({14. / 3, 8. / 3, 8. / 3, 4.}, torch::kDouble).reshape({2, 2});
  EXPECT_TRUE(torch::allclose(found.covariance, want));
  EXPECT_EQ(found.positions, 4);
}

TEST(FeatureStatistics, OfAMaskAreThoseOfItsPositionsAlone) {
  const auto f = correlated(1, 3, 8);
  auto mask = torch::zeros({1, 1, 8, 8});
  mask.narrow(2, 0, 3).fill_(1);
  const auto inside = feature_statistics(f, mask), alone = feature_statistics(f.narrow(2, 0, 3));
  EXPECT_TRUE(torch::allclose(inside.mean, alone.mean));
  EXPECT_TRUE(torch::allclose(inside.covariance, alone.covariance));
  EXPECT_EQ(inside.positions, 24);
}

TEST(FeatureStatistics, OfASinglePositionHaveNoCovariance) {
  EXPECT_EQ(feature_statistics(torch::rand({1, 3, 1, 1})).covariance.abs().sum().item<double>(), 0);
  EXPECT_EQ(feature_statistics(torch::rand({1, 3, 2, 2}), torch::zeros({1, 1, 2, 2})).positions, 0);
}

TEST(FeatureStatistics, DoNotDependOnHowPositionsAreSplit) {
  torch::manual_seed(3);
  const auto f = torch::rand({1, 2, 400, 400});  // more positions than are summed at once
  const auto rows = f[0].flatten(1).to(torch::kDouble);
  const auto centred = rows - rows.mean(1, true);
  const auto want = centred.matmul(centred.t()) / static_cast<double>(rows.size(1) - 1);
  EXPECT_TRUE(torch::allclose(feature_statistics(f).covariance, want));
}

TEST(TransformMatrix, OfDiagonalCovariancesIsTheRatioOfDeviations) {
  const auto content = with_covariance(diagonal({4, 1})), style = with_covariance(diagonal({1, 9}));
  for (const auto transform : {Transform::kMoments, Transform::kEigen, Transform::kCholesky, Transform::kOptimal})
    EXPECT_TRUE(torch::allclose(transform_matrix(content, style, transform, 1e-12), diagonal({0.5, 3}), 1e-6, 1e-6));
}

TEST(TransformMatrix, MatchesHandComputedColouring) {
  // Σ_c = I; Σ_s = [[5, 4], [4, 5]] has eigenvalues 9 and 1 along (1, 1) and (1, -1): its root is [[2, 1], [1, 2]].
  const auto content = with_covariance(diagonal({1, 1}));
  const auto style = with_covariance(torch::tensor({5., 4., 4., 5.}, torch::kDouble).reshape({2, 2}));
  const auto root = torch::tensor({2., 1., 1., 2.}, torch::kDouble).reshape({2, 2});
  EXPECT_TRUE(torch::allclose(transform_matrix(content, style, Transform::kEigen), root));
  EXPECT_TRUE(torch::allclose(transform_matrix(content, style, Transform::kOptimal), root));
  // L = [[√5, 0], [4/√5, 3/√5]].
  const auto lower = torch::tensor({std::sqrt(5.), 0., 4 / std::sqrt(5.), 3 / std::sqrt(5.)}, torch::kDouble);
  EXPECT_TRUE(torch::allclose(transform_matrix(content, style, Transform::kCholesky, 1e-12), lower.reshape({2, 2}),
                              1e-6, 1e-6));
}

TEST(TransformMatrix, WhitensToTheIdentity) {
  const auto content = feature_statistics(correlated(4));
  const auto white = with_covariance(torch::eye(6, torch::kDouble));
  for (const auto transform : kFull) {
    const auto map = transform_matrix(content, white, transform, 1e-12);
    EXPECT_TRUE(torch::allclose(map.matmul(content.covariance).matmul(map.t()), white.covariance, 1e-6, 1e-6));
  }
}

TEST(TransformMatrix, OfTheOptimalTransportMovesLeast) {
  const auto f = correlated(5), style = correlated(6);
  const auto moved = [&](Transform transform) {
    return (transfer_statistics(f, {{feature_statistics(style)}}, transform) - f).square().mean().item<double>();
  };
  EXPECT_LT(moved(Transform::kOptimal), moved(Transform::kEigen));
  EXPECT_LT(moved(Transform::kOptimal), moved(Transform::kCholesky));
}

TEST(TransformMatrix, DropsDirectionsThatTheContentDoesNotUse) {
  const auto content = with_covariance(diagonal({1, 1e-9, 0})), style = with_covariance(diagonal({4, 4, 4}));
  EXPECT_TRUE(torch::allclose(transform_matrix(content, style, Transform::kEigen), diagonal({2, 0, 0})));
  EXPECT_TRUE(torch::allclose(transform_matrix(content, style, Transform::kOptimal), diagonal({2, 0, 0})));
  EXPECT_TRUE(transform_matrix(content, style, Transform::kCholesky).isfinite().all().item<bool>());
}

TEST(TransferStatistics, GivesTheStylesMeanAndCovariance) {
  const auto content = correlated(7), style = correlated(8);
  const auto wanted = feature_statistics(style);
  for (const auto transform : kFull) {
    const auto found = feature_statistics(transfer_statistics(content, {{wanted}}, transform, 1, 1e-12));
    EXPECT_TRUE(torch::allclose(found.mean, wanted.mean, 1e-6, 1e-6));
    EXPECT_TRUE(torch::allclose(found.covariance, wanted.covariance, 1e-5, 1e-5));
  }
  const auto found = feature_statistics(transfer_statistics(content, {{wanted}}, Transform::kMoments, 1, 1e-12));
  EXPECT_TRUE(torch::allclose(found.mean, wanted.mean, 1e-6, 1e-6));
  EXPECT_TRUE(torch::allclose(found.covariance.diagonal(), wanted.covariance.diagonal(), 1e-5, 1e-5));
}

TEST(TransferStatistics, LeavesContentAloneWhenItIsItsOwnStyle) {
  const auto f = correlated(9);
  for (const auto transform : {Transform::kMoments, Transform::kEigen, Transform::kCholesky, Transform::kOptimal})
    EXPECT_TRUE(torch::allclose(transfer_statistics(f, {{feature_statistics(f)}}, transform), f, 1e-6, 1e-6));
}

TEST(TransferStatistics, BlendsByAlpha) {
  const auto f = correlated(10);
  const std::vector<StyleTarget> styles = {{feature_statistics(correlated(11))}};
  const auto full = transfer_statistics(f, styles, Transform::kEigen, 1);
  EXPECT_TRUE(transfer_statistics(f, styles, Transform::kEigen, 0).equal(f));
  EXPECT_TRUE(torch::allclose(transfer_statistics(f, styles, Transform::kEigen, 0.25), f.lerp(full, 0.25)));
}

TEST(TransferStatistics, MixesStylesByTheirShares) {
  const auto f = correlated(12);
  StyleTarget a{feature_statistics(correlated(13))}, b{feature_statistics(correlated(14))};
  const auto only_a = transfer_statistics(f, {a}, Transform::kEigen);
  const auto only_b = transfer_statistics(f, {b}, Transform::kEigen);
  a.share = torch::full({1, 1, 40, 40}, 0.75);
  b.share = torch::full({1, 1, 40, 40}, 0.25);
  EXPECT_TRUE(torch::allclose(transfer_statistics(f, {a, b}, Transform::kEigen), only_a.lerp(only_b, 0.25)));
}

TEST(TransferStatistics, StylesEachMaskFromWithin) {
  const auto f = correlated(15, 4, 12);
  auto upper = torch::zeros({1, 1, 12, 12}), lower = torch::zeros({1, 1, 12, 12});
  upper.narrow(2, 0, 5).fill_(1);
  lower.narrow(2, 5, 5).fill_(1);  // the last two rows belong to nobody
  const auto a = feature_statistics(correlated(16, 4)), b = feature_statistics(correlated(17, 4));
  const auto out = transfer_statistics(f, {{a, upper, upper}, {b, lower, lower}}, Transform::kEigen);
  const auto alone = [&](std::int64_t from, const FeatureStatistics& style) {
    return transfer_statistics(f.narrow(2, from, 5), {{style}}, Transform::kEigen);
  };
  EXPECT_TRUE(torch::allclose(out.narrow(2, 0, 5), alone(0, a), 1e-6, 1e-6));
  EXPECT_TRUE(torch::allclose(out.narrow(2, 5, 5), alone(5, b), 1e-6, 1e-6));
  EXPECT_TRUE(out.narrow(2, 10, 2).equal(f.narrow(2, 10, 2)));
}

TEST(TransferStatistics, KeepsTypeAndShapeAndIsFiniteForFlatFeatures) {
  const auto flat = torch::full({1, 3, 4, 4}, 0.5);
  for (const auto transform : {Transform::kMoments, Transform::kEigen, Transform::kCholesky, Transform::kOptimal}) {
    const auto out = transfer_statistics(flat, {{feature_statistics(torch::rand({1, 3, 9, 9}))}}, transform);
    EXPECT_EQ(out.scalar_type(), torch::kFloat);
    EXPECT_EQ(out.sizes(), flat.sizes());
    EXPECT_TRUE(out.isfinite().all().item<bool>());
  }
}

TEST(TransferStatistics, RefusesShapesThatDoNotFit) {
  const auto statistics = feature_statistics(torch::rand({1, 3, 4, 4}));
  EXPECT_THROW(feature_statistics(torch::rand({2, 3, 4, 4})), Error);
  EXPECT_THROW(feature_statistics(torch::rand({1, 3, 4, 4}), torch::ones({1, 1, 4, 5})), Error);
  EXPECT_THROW(transfer_statistics(torch::rand({1, 4, 4, 4}), {{statistics}}, Transform::kEigen), Error);
  const auto small = torch::ones({1, 1, 2, 2});
  EXPECT_THROW(transfer_statistics(torch::rand({1, 3, 4, 4}), {{statistics, {}, small}}, Transform::kEigen), Error);
  EXPECT_THROW(transfer_statistics(torch::rand({1, 3, 4, 4}), {{statistics, small}}, Transform::kEigen), Error);
  EXPECT_THROW(parse_transform("eigne"), Error);
  EXPECT_EQ(parse_transform("optimal"), Transform::kOptimal);
}

TEST(FeatureTransform, DoesNotDependOnTheNumberOfThreads) {
  torch::manual_seed(7);
  const auto content = feature_statistics(torch::randn({1, 160, 24, 32}).relu()),
             style = feature_statistics(torch::randn({1, 160, 20, 24}).relu());
  const auto usual = at::get_num_threads();
  for (const auto transform : {Transform::kEigen, Transform::kCholesky, Transform::kOptimal}) {
    at::set_num_threads(1);
    const auto one = transform_matrix(content, style, transform, 1e-5);
    at::set_num_threads(3);
    EXPECT_TRUE(transform_matrix(content, style, transform, 1e-5).equal(one));
    at::set_num_threads(usual);
  }
}

}  // namespace
}  // namespace atelier::reconstruction
