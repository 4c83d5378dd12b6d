#include "tensor/matting.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"

namespace atelier {
namespace {

/// W as a full matrix.
Tensor dense(const MattingAffinity& affinity) {
  const auto pixels = affinity.height * affinity.width;
  auto full = torch::zeros({pixels, pixels}, torch::kDouble);
  for (std::int64_t i = 0; i < pixels; ++i)
    for (std::int64_t n = 0; n < 25; ++n) {
      const auto y = i / affinity.width + n / 5 - 2, x = i % affinity.width + n % 5 - 2;
      const double value = affinity.rows[static_cast<std::size_t>(i * 25 + n)];
      if (y < 0 || y >= affinity.height || x < 0 || x >= affinity.width)
        EXPECT_EQ(value, 0);
      else
        full[i][y * affinity.width + x] = value;
    }
  return full;
}

Tensor picture(std::int64_t height, std::int64_t width) {
  torch::manual_seed(11);
  return torch::rand({1, 3, height, width}, torch::kDouble);
}

TEST(MattingAffinity, OfOneFlatWindowIsANinthEverywhere) {
  const auto affinity = matting_affinity(torch::full({1, 3, 3, 3}, 0.4));
  EXPECT_TRUE(torch::allclose(dense(affinity), torch::full({9, 9}, 1. / 9, torch::kDouble)));
  EXPECT_NEAR(affinity.sums[4], 1, 1e-12);
}

TEST(MattingAffinity, MatchesTheFormulaOnOneWindow) {
  const auto p = picture(3, 3);
  const double epsilon = 1e-3;
  const auto colours = p.flatten(2)[0].t();  // [9, 3]
  const auto centred = colours - colours.mean(0, true);
  const auto covariance = centred.t().matmul(centred) / 9 + epsilon / 9 * torch::eye(3, torch::kDouble);
  const auto wanted = (1 + centred.matmul(covariance.inverse()).matmul(centred.t())) / 9;
  EXPECT_TRUE(torch::allclose(dense(matting_affinity(p, epsilon)), wanted));
}

TEST(MattingAffinity, ItsLaplacianIsSymmetricSemidefiniteAndIgnoresAffineFunctionsOfColour) {
  const auto p = picture(6, 7);
  const auto affinity = matting_affinity(p, 1e-9);
  const auto w = dense(affinity);
  const auto laplacian = torch::diag(w.sum(1)) - w;
  EXPECT_TRUE(torch::allclose(laplacian, laplacian.t()));
  EXPECT_GT(torch::linalg_eigvalsh(laplacian).min().item<double>(), -1e-9);
  const auto affine = (0.2 + 0.7 * p[0][0] - 0.4 * p[0][2]).flatten();
  EXPECT_LT(laplacian.matmul(affine).abs().max().item<double>(), 1e-6);
}

TEST(SmoothByAffinity, SolvesItsEquation) {
  const auto guide = picture(8, 9), y = torch::rand({1, 2, 8, 9}, torch::kDouble);
  const double lambda = 0.01, alpha = 1 / (1 + lambda);
  const auto affinity = matting_affinity(guide);
  const auto w = dense(affinity), s = w / w.sum(1, true);
  const auto wanted =
      (1 - alpha) * torch::linalg_solve(torch::eye(72, torch::kDouble) - alpha * s, y.flatten(2)[0].t()).t();
  SmoothingReport report;
  const auto found = smooth_by_affinity(y, guide, lambda, 1e-7, &report);
  EXPECT_LT((found.flatten(2)[0] - wanted).norm().item<double>(), 5e-3 * wanted.norm().item<double>());
  EXPECT_GT(report.iterations, 0);
  EXPECT_LT(report.error, 1e-3);
}

TEST(SmoothByAffinity, FlattensNoiseThatTheGuideDoesNotShow) {
  torch::manual_seed(12);
  const auto guide = torch::full({1, 3, 10, 10}, 0.5);
  const auto constant = torch::full({1, 3, 10, 10}, 0.7);
  EXPECT_TRUE(torch::allclose(smooth_by_affinity(constant, guide), constant, 1e-3, 1e-3));
  const auto noisy = 0.5 + 0.1 * torch::randn({1, 3, 10, 10});
  EXPECT_LT(smooth_by_affinity(noisy, guide).std().item<double>(), 0.6 * noisy.std().item<double>());
  const auto strong = smooth_by_affinity(noisy, guide, 1e9);
  EXPECT_TRUE(torch::allclose(strong, noisy, 1e-3, 1e-4));
}

TEST(SmoothByAffinity, RefusesWhatDoesNotFit) {
  EXPECT_THROW(smooth_by_affinity(torch::rand({1, 3, 8, 8}), torch::rand({1, 3, 8, 9})), Error);
  EXPECT_THROW(smooth_by_affinity(torch::rand({1, 3, 8, 8}), torch::rand({1, 3, 8, 8}), 0), Error);
  EXPECT_THROW(matting_affinity(torch::rand({1, 3, 2, 8})), Error);
  EXPECT_THROW(matting_affinity(torch::rand({1, 1, 8, 8})), Error);
}

}  // namespace
}  // namespace atelier
