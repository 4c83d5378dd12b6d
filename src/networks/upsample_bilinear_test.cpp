#include "networks/upsample_bilinear.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "support/numeric_gradient.h"
#include "support/tolerance.h"

namespace atelier {
namespace {

Tensor plain(const Tensor& planes) {
  const std::vector<std::int64_t> size{2 * planes.size(2), 2 * planes.size(3)};
  return torch::upsample_bilinear2d(planes, size, false);
}

TEST(UpsampleBilinearTwice, MatchesHandComputedValues) {
  const auto row = torch::tensor({0.F, 4.F}).reshape({1, 1, 1, 2});
  const auto wanted = torch::tensor({0.F, 1.F, 3.F, 4.F}).expand({1, 1, 2, 4});
  EXPECT_TRUE(upsample_bilinear_twice(row).equal(wanted));
}

TEST(UpsampleBilinearTwice, AgreesWithLibTorch) {
  torch::manual_seed(1);
  for (const auto& sizes :
       std::vector<std::vector<std::int64_t>>{{1, 1, 1, 1}, {2, 3, 1, 7}, {1, 2, 5, 1}, {2, 3, 9, 20}}) {
    const auto x = torch::randn(sizes);
    EXPECT_TRUE(torch::allclose(upsample_bilinear_twice(x), plain(x), 1e-5, 1e-6)) << x.sizes();
    const auto half = x.to(torch::kBFloat16);
    const auto exact = plain(half.to(torch::kFloat));
    EXPECT_TRUE(torch::allclose(upsample_bilinear_twice(half).to(torch::kFloat), exact, 5e-3, 5e-3)) << x.sizes();
    const auto last = x.contiguous(torch::MemoryFormat::ChannelsLast);
    EXPECT_TRUE(torch::allclose(upsample_bilinear_twice(last), plain(x), 1e-5, 1e-6));
  }
}

TEST(UpsampleBilinearTwice, GradientMatchesFiniteDifferencesAndLibTorch) {
  torch::manual_seed(1);
  const auto weights = torch::randn({2, 2, 6, 10}, torch::kDouble), at = torch::randn({2, 2, 3, 5}, torch::kDouble);
  const auto loss = [&](const Tensor& x) { return (upsample_bilinear_twice(x).pow(3) * weights).sum(); };
  EXPECT_LT(gradient_error(loss, at), kGradientTolerance);
  for (const auto layout : {torch::MemoryFormat::Contiguous, torch::MemoryFormat::ChannelsLast}) {
    const auto x = at.contiguous(layout).clone().requires_grad_(), y = at.clone().requires_grad_();
    EXPECT_TRUE(upsample_bilinear_twice(x).is_contiguous(layout));
    loss(x).backward();
    (plain(y).pow(3) * weights).sum().backward();
    EXPECT_TRUE(torch::allclose(x.grad(), y.grad(), 1e-9, 1e-12));
  }
}

TEST(UpsampleBilinearTwice, CanBeDifferentiatedTwice) {
  torch::manual_seed(1);
  const auto at = torch::randn({1, 2, 3, 4}, torch::kDouble);
  const auto steepness = [](const Tensor& x) {
    const at::AutoGradMode with_graph(true);
    const auto y = x.requires_grad() ? x : x.clone().requires_grad_();
    return torch::autograd::grad({upsample_bilinear_twice(y).pow(3).sum()}, {y}, {}, true, true)[0].square().sum();
  };
  EXPECT_LT(gradient_error(steepness, at), kGradientTolerance);
}

TEST(UpsampleBilinearTwice, RefusesPlanesWithoutPixels) {
  EXPECT_THROW(upsample_bilinear_twice(torch::zeros({1, 3, 0, 4})), Error);
  EXPECT_THROW(upsample_bilinear_twice(torch::zeros({3, 4, 4})), Error);
}

}  // namespace
}  // namespace atelier
