#include "networks/few_outputs_conv.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace atelier {
namespace {

struct Case {
  std::int64_t pictures, in, out, kernel, height, width, zeros;
  bool biased;
};

class FewOutputsConv : public testing::TestWithParam<Case> {};

TEST_P(FewOutputsConv, IsTheConvolution) {
  const auto& [pictures, in, out, kernel, height, width, zeros, biased] = GetParam();
  torch::manual_seed(1);
  const auto x = torch::randn({pictures, in, height, width}).contiguous(torch::MemoryFormat::ChannelsLast);
  const auto weight = torch::randn({out, in, kernel, kernel}), bias = biased ? torch::randn({out}) : Tensor();
  const auto plain = torch::conv2d(x, weight, bias, 1, zeros), made = few_outputs_conv(x, weight, bias, zeros);
  EXPECT_EQ(made.sizes(), plain.sizes());
  EXPECT_TRUE(made.is_contiguous(torch::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(torch::allclose(made, plain, 1e-4, 1e-4));
}

INSTANTIATE_TEST_SUITE_P(Sizes, FewOutputsConv,
                         testing::Values(Case{1, 32, 3, 9, 24, 24, 0, true}, Case{2, 16, 3, 5, 13, 15, 2, true},
                                         Case{1, 20, 3, 3, 9, 10, 1, false}, Case{3, 8, 1, 3, 5, 7, 0, true},
                                         Case{1, 8, 4, 7, 8, 17, 3, true}));

TEST(FewOutputs, SuitWideKernelsOfColours) {
  const auto x = torch::zeros({1, 32, 16, 16});
  EXPECT_TRUE(suits_few_outputs(x, torch::zeros({3, 32, 9, 9})));
  EXPECT_FALSE(suits_few_outputs(x, torch::zeros({3, 32, 1, 1})));
  EXPECT_FALSE(suits_few_outputs(x, torch::zeros({16, 32, 9, 9})));
  EXPECT_FALSE(suits_few_outputs(x.narrow(3, 0, 12), torch::zeros({3, 32, 9, 9})));
}

}  // namespace
}  // namespace atelier
