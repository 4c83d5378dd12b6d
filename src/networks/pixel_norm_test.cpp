#include "networks/pixel_norm.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"

namespace atelier {
namespace {

Tensor by_pixels(const Tensor& x) { return x.contiguous(torch::MemoryFormat::ChannelsLast); }

TEST(PixelNorm, IsWhatOneCalculatesByHand) {
  // Channel 0 holds 1 and 3 (mean 2, variance 1), channel 1 holds 0 and 4 (mean 2, variance 4); together 1, 3, 0, 4
  // have mean 2 and variance 2.5.
  const auto x = by_pixels(torch::tensor({1.0, 3.0, 0.0, 4.0}, torch::kDouble).view({1, 2, 1, 2}));
  const auto weight = torch::tensor({2.0, 10.0}, torch::kDouble), bias = torch::tensor({0.5, 0.0}, torch::kDouble);
  const auto channels = norm_of_pixels(x, weight, bias, 0, NormOver::kChannel).flatten();
  EXPECT_TRUE(torch::allclose(channels, torch::tensor({-1.5, 2.5, -10.0, 10.0}, torch::kDouble)));
  const auto all = norm_of_pixels(x, weight, bias, 0.75, NormOver::kAllChannels).flatten();
  const double root = std::sqrt(3.25);
  EXPECT_TRUE(
      torch::allclose(all, torch::tensor({-2 / root + 0.5, 2 / root + 0.5, -20 / root, 20 / root}, torch::kDouble)));
}

TEST(PixelNorm, AgreesWithLibTorchPlaneByPlane) {
  torch::manual_seed(4);
  for (const auto type : {torch::kDouble, torch::kFloat, torch::kBFloat16}) {
    const double tolerance = type == torch::kBFloat16 ? 2e-2 : type == torch::kFloat ? 1e-4 : 1e-11;
    // A mean far from zero: sums of squares would lose the variance.
    const auto x = (torch::rand({2, 5, 37, 41}) * 3 + 40).to(type);
    const auto weight = torch::rand({5}), bias = torch::rand({5});
    const auto wide = x.to(torch::kDouble);
    const auto plain =
        torch::instance_norm(wide, weight.to(torch::kDouble), bias.to(torch::kDouble), {}, {}, true, 0, 1e-3, false);
    const auto got = norm_of_pixels(by_pixels(x), weight, bias, 1e-3, NormOver::kChannel);
    EXPECT_EQ(got.scalar_type(), type);
    const auto over = by_pixels(x).clone();
    EXPECT_TRUE(norm_of_pixels(over, weight, bias, 1e-3, NormOver::kChannel, true).is_same(over));
    EXPECT_TRUE(over.equal(got));
    EXPECT_TRUE(got.is_contiguous(torch::MemoryFormat::ChannelsLast));
    EXPECT_TRUE(torch::allclose(got.to(torch::kDouble), plain, tolerance, tolerance));
    const auto layer = torch::group_norm(wide, 1, weight.to(torch::kDouble), bias.to(torch::kDouble), 1e-3, false);
    EXPECT_TRUE(
        torch::allclose(norm_of_pixels(by_pixels(x), weight, bias, 1e-3, NormOver::kAllChannels).to(torch::kDouble),
                        layer, tolerance, tolerance));
  }
}

TEST(PixelNorm, DependsNeitherOnThreadsNorOnTheRestOfABatch) {
  torch::manual_seed(5);
  const auto x = by_pixels(torch::randn({2, 8, 90, 110})), weight = torch::rand({16}), bias = torch::rand({16});
  const int threads = at::get_num_threads();
  for (const auto over : {NormOver::kChannel, NormOver::kAllChannels}) {
    at::set_num_threads(1);
    const auto one = norm_of_pixels(x, weight, bias, 1e-5, over);
    at::set_num_threads(3);
    EXPECT_TRUE(norm_of_pixels(x, weight, bias, 1e-5, over).equal(one));
    const auto second =
        norm_of_pixels(by_pixels(x.narrow(0, 1, 1)), weight.narrow(0, 8, 8), bias.narrow(0, 8, 8), 1e-5, over);
    EXPECT_TRUE(second.equal(one.narrow(0, 1, 1)));
    at::set_num_threads(threads);
  }
}

struct Leaves {
  Tensor x, weight, bias;
};

/// Pictures whose mean is not zero, and their norm's parameters.
Leaves leaves(torch::ScalarType type) {
  torch::manual_seed(6);
  const auto x = torch::rand({2, 5, 37, 41}) * 3 + 4, weight = torch::rand({10}), bias = torch::rand({10});
  return {by_pixels(x.to(type)).requires_grad_(), weight.to(type).requires_grad_(), bias.to(type).requires_grad_()};
}

Tensor plain_norm(const Leaves& of) {
  const auto planes = of.x.reshape({1, 10, 37, 41});
  return torch::batch_norm(planes, of.weight, of.bias, {}, {}, true, 0, 1e-3, false).reshape(of.x.sizes());
}

Tensor own_norm(const Leaves& of) { return learning_instance_norm(of.x, of.weight, of.bias, 1e-3); }

std::vector<Tensor> gradients(const Tensor& result, const Leaves& of, bool twice = false) {
  torch::manual_seed(7);
  const auto value = (result * torch::randn(result.sizes(), torch::kDouble).to(result.scalar_type())).tanh().sum();
  return torch::autograd::grad({value}, {of.x, of.weight, of.bias}, {}, twice, twice);
}

void expect_close(const std::vector<Tensor>& got, const std::vector<Tensor>& wanted) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const double unit = wanted[i].square().mean().sqrt().item<double>();
    EXPECT_LT((got[i].to(torch::kDouble) - wanted[i]).abs().max().item<double>() / unit, 1e-3) << i;
  }
}

TEST(LearningNorm, AgreesWithLibTorchForthAndBack) {
  const auto own = leaves(torch::kFloat), wide = leaves(torch::kDouble);
  const auto got = own_norm(own);
  EXPECT_TRUE(got.is_contiguous(torch::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(torch::allclose(got.to(torch::kDouble), plain_norm(wide), 1e-4, 1e-4));
  const auto back = gradients(got, own);
  EXPECT_TRUE(back[0].is_contiguous(torch::MemoryFormat::ChannelsLast));
  expect_close(back, gradients(plain_norm(wide), wide));
}

TEST(LearningNorm, CanBeDifferentiatedTwice) {
  const auto second = [](const Tensor& result, const Leaves& of) {
    const auto first = gradients(result, of, true);
    return torch::autograd::grad({(first[0] * 100).square().sum() + first[1].square().sum()}, {of.x, of.weight});
  };
  const auto own = leaves(torch::kFloat), wide = leaves(torch::kDouble);
  expect_close(second(own_norm(own), own), second(plain_norm(wide), wide));
}

TEST(LearningNorm, DoesNotChangeWithTheThreads) {
  const auto own = leaves(torch::kFloat);
  const auto once = gradients(own_norm(own), own);
  const int threads = at::get_num_threads();
  at::set_num_threads(3);
  const auto again = gradients(own_norm(own), own);
  at::set_num_threads(threads);
  for (std::size_t i = 0; i < once.size(); ++i) EXPECT_TRUE(again[i].equal(once[i]));
}

TEST(LearningNorm, RefusesWhatDoesNotFit) {
  const auto x = torch::rand({2, 4, 3, 3}), four = torch::ones({4}), eight = torch::ones({8});
  EXPECT_THROW(learning_instance_norm(x, eight, eight, 1e-5), Error) << "plane by plane";
  EXPECT_THROW(learning_instance_norm(by_pixels(x), four, four, 1e-5), Error);
  EXPECT_THROW(learning_instance_norm(by_pixels(x), eight, four, 1e-5), Error);
  EXPECT_THROW(learning_instance_norm(by_pixels(x).to(torch::kDouble), eight, eight, 1e-5), Error);
}

TEST(PixelNorm, RefusesWhatDoesNotFit) {
  const auto x = torch::rand({1, 4, 3, 3}), four = torch::ones({4});
  EXPECT_THROW(norm_of_pixels(x, four, four, 1e-5, NormOver::kChannel), Error);  // plane by plane
  EXPECT_THROW(norm_of_pixels(by_pixels(x), torch::ones({3}), torch::ones({3}), 1e-5, NormOver::kChannel), Error);
  EXPECT_THROW(norm_of_pixels(by_pixels(x), four, torch::ones({3}), 1e-5, NormOver::kChannel), Error);
}

}  // namespace
}  // namespace atelier
