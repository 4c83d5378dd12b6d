#include "tensor/winograd_conv.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cstdlib>

#include "atelier/error.h"
#include "core/machine.h"
#include "tensor/winograd_gradient.h"

namespace atelier {
namespace {

Tensor noise(at::IntArrayRef sides, std::uint64_t seed) {
  torch::manual_seed(seed);
  return torch::randn(sides);
}

Tensor picture(at::IntArrayRef sides) { return noise(sides, 1).contiguous(torch::MemoryFormat::ChannelsLast); }

/// Largest difference from the plain sum in double precision, in units of its root mean square.
double off_by(const Tensor& made, const Tensor& x, const Tensor& weights, const Tensor& bias, std::int64_t zeros,
              bool rectified) {
  auto plain = torch::conv2d(x.to(torch::kDouble), weights.to(torch::kDouble),
                             bias.defined() ? bias.to(torch::kDouble) : bias, 1, zeros);
  const double unit = plain.square().mean().sqrt().item<double>();
  if (rectified) plain = torch::relu(plain);
  EXPECT_EQ(made.sizes(), plain.sizes());
  return (made.to(torch::kDouble) - plain).abs().max().item<double>() / unit;
}

struct Case {
  std::int64_t pictures, in, out, height, width, zeros;
  bool biased;
  Rectified rectified;
};

/// Where Winograd's convolution can be used: WinogradPays says where that must be.
class Winograd : public testing::Test {
 protected:
  void SetUp() override {}
};

class WinogradConv : public Winograd, public testing::WithParamInterface<Case> {};

TEST_P(WinogradConv, EqualsThePlainSum) {
  const auto& [pictures, in, out, height, width, zeros, biased, rectified] = GetParam();
  const auto x = picture({pictures, in, height, width}), weights = noise({out, in, 3, 3}, 2);
  const auto bias = biased ? noise({out}, 3) : Tensor();
  const auto made = winograd_conv(x, winograd_weights(weights), bias, zeros, rectified);
  EXPECT_TRUE(made.is_contiguous(torch::MemoryFormat::ChannelsLast));
  EXPECT_LT(off_by(made, x, weights, bias, zeros, rectified == Rectified::kYes), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Sizes, WinogradConv,
                         testing::Values(Case{1, 48, 64, 16, 16, 1, true, Rectified::kNo},
                                         Case{2, 64, 48, 19, 23, 1, true, Rectified::kYes},
                                         Case{1, 16, 16, 40, 9, 0, true, Rectified::kNo},
                                         Case{3, 48, 80, 7, 6, 0, false, Rectified::kYes},
                                         Case{1, 256, 32, 33, 21, 1, false, Rectified::kNo},
                                         Case{1, 16, 32, 1, 3, 1, true, Rectified::kNo}));

TEST_P(WinogradConv, GradientOfTheWeightsEqualsThePlainSum) {
  const auto& [pictures, in, out, height, width, zeros, biased, rectified] = GetParam();
  const auto x = picture({pictures, in, height, width});
  const auto gradient = noise({pictures, out, height + 2 * zeros - 2, width + 2 * zeros - 2}, 2)
                            .contiguous(torch::MemoryFormat::ChannelsLast);
  const auto made = winograd_weights_gradient(x, gradient, zeros);
  const auto weights = torch::zeros({out, in, 3, 3}, torch::kDouble).requires_grad_();
  const auto result = torch::conv2d(x.to(torch::kDouble), weights, {}, 1, zeros);
  const auto plain = torch::autograd::grad({result}, {weights}, {gradient.to(torch::kDouble)})[0];
  EXPECT_EQ(made.sizes(), plain.sizes());
  const double unit = plain.square().mean().sqrt().item<double>();
  EXPECT_LT((made.to(torch::kDouble) - plain).abs().max().item<double>() / unit, 1e-4);
}

TEST_F(Winograd, GradientOfTheWeightsDoesNotChangeWithTheThreads) {
  const auto x = picture({3, 48, 57, 61}), gradient = picture({3, 32, 57, 61});  // 720 tiles
  const auto alone = winograd_weights_gradient(x, gradient, 1);
  const int before = at::get_num_threads();
  at::set_num_threads(3);
  const auto together = winograd_weights_gradient(x, gradient, 1);
  at::set_num_threads(before);
  EXPECT_TRUE(torch::equal(alone, together));
}

TEST_F(Winograd, WeightsAreTheKernelsPolynomialAtSixPlaces) {
  auto weights = torch::zeros({16, 1, 3, 3});
  weights[5][0][1][1] = 1;  // G's middle column times its middle row
  const auto made = winograd_weights(weights).reshape({6, 6, 16});
  const auto column = torch::tensor({0.0, -1.0 / 6, 1.0 / 6, 1.0 / 12, -1.0 / 12, 0.0}, torch::kFloat);
  EXPECT_TRUE(torch::allclose(made.select(2, 5), torch::outer(column, column)));
  EXPECT_EQ(made.select(2, 4).abs().max().item<float>(), 0);
}

TEST_F(Winograd, DoesNotChangeWithTheThreads) {
  const auto x = picture({1, 48, 37, 29}), weights = winograd_weights(noise({48, 48, 3, 3}, 2));
  const auto alone = winograd_conv(x, weights, {}, 1);
  const int before = at::get_num_threads();
  at::set_num_threads(3);
  const auto together = winograd_conv(x, weights, {}, 1);
  at::set_num_threads(before);
  EXPECT_TRUE(torch::equal(alone, together));
}

TEST(WinogradPays, WhereOneDnnMayUseAvx2) {
  if (std::getenv("ONEDNN_MAX_CPU_ISA") != nullptr || std::getenv("DNNL_MAX_CPU_ISA") != nullptr)
    GTEST_SKIP() << "the user narrowed oneDNN's instructions";
  EXPECT_EQ(winograd_pays(1, 64, 64, 64, 64), has_instruction_set(instruction_sets(), "AVX2"));
}

TEST(WinogradPays, NotForFewChannelsOddChannelsOrSmallMaps) {
  EXPECT_FALSE(winograd_pays(1, 24, 64, 512, 512));
  EXPECT_FALSE(winograd_pays(1, 64, 3, 512, 512));
  EXPECT_FALSE(winograd_pays(1, 64, 72, 512, 512));
  EXPECT_FALSE(winograd_pays(1, 64, 64, 8, 8));
  EXPECT_FALSE(winograd_pays(1, 64, 64, 4, 512));
}

TEST_F(Winograd, RefusesWhatDoesNotFit) {
  const auto weights = winograd_weights(noise({16, 16, 3, 3}, 1));
  EXPECT_THROW(winograd_conv(picture({1, 32, 8, 8}), weights, {}, 1), Error);
  EXPECT_THROW(winograd_conv(noise({1, 16, 8, 8}, 1), weights, {}, 1), Error) << "planes";
  EXPECT_THROW(winograd_conv(picture({1, 16, 2, 8}), weights, {}, 0), Error);
  EXPECT_THROW(winograd_weights(noise({16, 16, 5, 5}, 1)), Error);
  EXPECT_THROW(winograd_weights_gradient(picture({1, 16, 8, 8}), picture({1, 16, 7, 8}), 1), Error);
  EXPECT_THROW(winograd_weights_gradient(picture({2, 16, 8, 8}), picture({1, 16, 8, 8}), 1), Error);
  EXPECT_THROW(winograd_weights_gradient(picture({1, 16, 8, 8}), picture({1, 24, 8, 8}), 1), Error);
  EXPECT_THROW(winograd_weights_gradient(picture({1, 16, 8, 8}), noise({1, 16, 8, 8}, 1), 1), Error) << "planes";
}

}  // namespace
}  // namespace atelier
