#include "losses/style_verdicts.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "atelier/error.h"
#include "support/numeric_gradient.h"
#include "support/tolerance.h"

namespace atelier::losses {
namespace {

TEST(StyleDivergence, ByHand) {
  // σ(0) = ½ against w = ¼: ¼ ln(¼ / ½) + ¾ ln(¾ / ½).
  const auto verdict = torch::zeros({1, 1, 2, 2}, torch::kDouble), style = torch::full({1, 1}, 0.25, torch::kDouble);
  EXPECT_NEAR(style_divergence(verdict, style).item<double>(), 0.25 * std::log(0.5) + 0.75 * std::log(1.5), 1e-12);
  // Made pictures: −ln(1 − σ(z)).
  const auto sure = torch::full({1, 1, 1, 1}, 2.0, torch::kDouble);
  EXPECT_NEAR(style_divergence(sure, torch::zeros({1, 1}, torch::kDouble)).item<double>(), std::log1p(std::exp(2.0)),
              1e-12);
}

TEST(StyleDivergence, IsZeroWhereTheCriticNamesTheStyleAndMoreElsewhere) {
  const auto style = torch::tensor({{0.2, 0.9}, {0.5, 0.7}}, torch::kDouble);
  const auto right = torch::logit(style).reshape({2, 2, 1, 1}).expand({2, 2, 3, 3});
  EXPECT_NEAR(style_divergence(right, style).item<double>(), 0, 1e-12);
  EXPECT_GT(style_divergence(right + 0.1, style).item<double>(), 1e-4);
  EXPECT_GT(style_divergence(right.flip(1), style).item<double>(), 0.1);
}

TEST(StyleDivergence, HasTheGradientOfItsDifferences) {
  torch::manual_seed(3);
  const auto style = torch::rand({2, 3}, torch::kDouble);
  const auto at = torch::randn({2, 3, 2, 2}, torch::kDouble);
  EXPECT_LT(gradient_error([&](const Tensor& verdicts) { return style_divergence(verdicts, style); }, at),
            kGradientTolerance);
}

TEST(StyleDivergence, RefusesStylesThatDoNotFit) {
  const auto verdicts = torch::zeros({2, 3, 1, 1});
  EXPECT_THROW(style_divergence(verdicts, torch::zeros({2, 4})), Error);
  EXPECT_THROW(style_divergence(verdicts, torch::zeros({1, 3})), Error);
  EXPECT_THROW(style_divergence(torch::zeros({2, 3}), torch::zeros({2, 3})), Error);
}

}  // namespace
}  // namespace atelier::losses
