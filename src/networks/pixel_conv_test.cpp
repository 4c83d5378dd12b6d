#include "networks/pixel_conv.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

namespace atelier {
namespace {

/// A convolution for each of the ways that are taken.
struct Case {
  const char* name;
  std::int64_t in, out, kernel, side, stride, zeros, groups;
  bool biased;
};

std::string name_of(const testing::TestParamInfo<Case>& info) { return info.param.name; }

struct Leaves {
  Tensor x, weight, bias;

  std::vector<Tensor> learnt() const {
    return bias.defined() ? std::vector<Tensor>{x, weight, bias} : std::vector<Tensor>{x, weight};
  }
};

class PixelConv : public testing::TestWithParam<Case> {
 protected:
  Leaves leaves(torch::ScalarType type) const {
    const auto& of = GetParam();
    torch::manual_seed(1);
    const auto made = [&](at::IntArrayRef sizes) { return torch::randn(sizes).to(type); };
    Leaves all;
    all.x = made({2, of.in, of.side, of.side + 3}).contiguous(torch::MemoryFormat::ChannelsLast).requires_grad_();
    const double places = static_cast<double>(of.kernel * of.kernel * of.in / of.groups);  // results of about 1
    all.weight = (made({of.out, of.in / of.groups, of.kernel, of.kernel}) / std::sqrt(places)).requires_grad_();
    if (of.biased) all.bias = made({of.out}).requires_grad_();
    return all;
  }
  static Tensor own(const Leaves& of) {
    const auto& how = GetParam();
    return conv_of_pixels(of.x, of.weight, of.bias, how.stride, how.zeros, how.groups);
  }
  static Tensor plain(const Leaves& of) {
    const auto& how = GetParam();
    return torch::conv2d(of.x, of.weight, of.bias, how.stride, how.zeros, 1, how.groups);
  }
};

/// Smooth and different for each result, so that its second derivative is not constant.
Tensor value(const Tensor& result) {
  torch::manual_seed(2);
  return (result * torch::randn(result.sizes()).to(result.scalar_type())).tanh().sum();
}

void expect_close(const Tensor& got, const Tensor& wanted) {
  ASSERT_EQ(got.sizes(), wanted.sizes());
  const double unit = wanted.square().mean().sqrt().item<double>();
  EXPECT_LT((got.to(torch::kDouble) - wanted).abs().max().item<double>() / unit, 5e-4);
}

void expect_close(const std::vector<Tensor>& got, const std::vector<Tensor>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) expect_close(got[i], wanted[i]);
}

TEST_P(PixelConv, AgreesWithLibTorchForthAndBack) {
  const auto single = leaves(torch::kFloat), wide = leaves(torch::kDouble);
  const auto got = own(single);
  EXPECT_TRUE(got.is_contiguous(torch::MemoryFormat::ChannelsLast));
  expect_close(got, plain(wide));
  expect_close(torch::autograd::grad({value(got)}, single.learnt()),
               torch::autograd::grad({value(plain(wide))}, wide.learnt()));
}

TEST_P(PixelConv, GivesTheSameWithoutGradients) {
  const auto single = leaves(torch::kFloat);
  const auto learning = own(single);
  const torch::NoGradGuard no_grad;
  EXPECT_TRUE(own(single).equal(learning));
}

TEST_P(PixelConv, CanBeDifferentiatedTwice) {
  const auto second = [](const Tensor& result, const Leaves& of) {
    const auto first = torch::autograd::grad({value(result)}, of.learnt(), {}, true, true);
    return torch::autograd::grad({first[0].square().sum() + first[1].square().sum()}, {of.x, of.weight});
  };
  const auto single = leaves(torch::kFloat), wide = leaves(torch::kDouble);
  expect_close(second(own(single), single), second(plain(wide), wide));
}

TEST_P(PixelConv, GivesOnlyTheGradientsThatAreWanted) {
  auto only = leaves(torch::kFloat);
  only.x = only.x.detach();
  const auto got = torch::autograd::grad({value(own(only))}, {only.weight})[0];
  auto fixed = leaves(torch::kFloat);
  fixed.weight = fixed.weight.detach();
  const auto of_picture = torch::autograd::grad({value(own(fixed))}, {fixed.x})[0];
  const auto wide = leaves(torch::kDouble);
  const auto wanted = torch::autograd::grad({value(plain(wide))}, {wide.x, wide.weight});
  expect_close(of_picture, wanted[0]);
  expect_close(got, wanted[1]);
}

INSTANTIATE_TEST_SUITE_P(Ways, PixelConv,
                         testing::Values(Case{"Winograd", 48, 64, 3, 19, 1, 0, 1, true},
                                         Case{"WinogradWithZeros", 64, 32, 3, 18, 1, 1, 1, false},
                                         Case{"FewOutputs", 16, 3, 9, 24, 1, 0, 1, true},
                                         Case{"FewOutputsWithZeros", 16, 3, 5, 21, 1, 2, 1, true},
                                         Case{"FirstLayer", 3, 16, 5, 20, 1, 0, 1, false},
                                         Case{"Strided", 32, 64, 3, 17, 2, 1, 1, true},
                                         Case{"Grouped", 32, 32, 3, 17, 1, 1, 32, true},
                                         Case{"Pointwise", 24, 40, 1, 9, 1, 0, 1, true},
                                         Case{"StridedPointwise", 4, 8, 1, 17, 2, 0, 1, true},
                                         Case{"StridedPointwiseWithZeros", 4, 8, 1, 17, 2, 1, 1, true}),
                         name_of);

}  // namespace
}  // namespace atelier
