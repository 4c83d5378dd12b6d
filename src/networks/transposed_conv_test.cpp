#include "networks/transposed_conv.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "support/tolerance.h"

namespace atelier {
namespace {

TEST(TransposedConv, MatchesAValueByHand) {  // 1 2 spread by a kernel 1 1 1 with stride 2: 1 1 3 2 2
  const auto x = torch::tensor({1.F, 2.F}).reshape({1, 1, 1, 2}).to(torch::kBFloat16);
  const auto kernel = torch::zeros({1, 1, 3, 3});
  kernel[0][0][0].fill_(1);
  const auto y = transposed_conv(x, kernel.to(torch::kBFloat16), {}, 2).to(torch::kFloat);
  EXPECT_EQ(y.sizes(), (at::IntArrayRef{1, 1, 3, 5}));
  EXPECT_TRUE(y[0][0][0].equal(torch::tensor({1.F, 1.F, 3.F, 2.F, 2.F}))) << y;
  EXPECT_TRUE(y[0][0].narrow(0, 1, 2).equal(torch::zeros({2, 5})));
}

TEST(TransposedConv, PhasesAgreeWithLibTorchForEveryKernelAndStride) {
  torch::manual_seed(2);
  for (const int kernel : {2, 3, 4, 5})
    for (const int stride : {1, 2, 3}) {
      const auto x = torch::randn({2, 3, 4, 5}), weight = torch::randn({3, 2, kernel, kernel}),
                 bias = torch::randn({2});
      const auto half = [](const Tensor& t) { return t.to(torch::kBFloat16); };
      const auto whole = torch::conv_transpose2d(half(x).to(torch::kFloat), half(weight).to(torch::kFloat),
                                                 half(bias).to(torch::kFloat), stride);
      const auto phases = transposed_conv(half(x), half(weight), half(bias), stride);
      EXPECT_LT(relative_error(phases, whole), tolerance(torch::kBFloat16)) << kernel << " " << stride;
      const torch::NoGradGuard no_grad;
      EXPECT_LT(
          relative_error(transposed_conv(x, weight, bias, stride), torch::conv_transpose2d(x, weight, bias, stride)),
          tolerance(torch::kFloat))
          << kernel << " " << stride;
    }
}

TEST(TransposedConv, PhasesLetGradientsThrough) {
  torch::manual_seed(3);
  const auto x = torch::randn({1, 2, 3, 3}).to(torch::kBFloat16), weight = torch::randn({2, 2, 3, 3});
  const auto brief = weight.to(torch::kBFloat16).requires_grad_(),
             exact = brief.detach().to(torch::kFloat).requires_grad_();
  transposed_conv(x, brief, {}, 2).to(torch::kFloat).square().sum().backward();
  transposed_conv(x.to(torch::kFloat), exact, {}, 2).square().sum().backward();
  EXPECT_LT(relative_error(brief.grad(), exact.grad()), tolerance(torch::kBFloat16));
}

}  // namespace
}  // namespace atelier
