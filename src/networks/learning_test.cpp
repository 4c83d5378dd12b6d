// What networks do only while they learn, and the second derivatives that gradient penalties need.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "networks/network.h"
#include "networks/pad_edges.h"
#include "networks/peak_memory.h"
#include "support/numeric_gradient.h"
#include "support/tolerance.h"

namespace atelier {
namespace {

Network dropping(double share) {
  NetworkBuilder build(1);
  build.apply("dropped", Op::kDropout, {build.input("x")}, share);
  return build.build();
}

TEST(Learning, DropoutKeepsTheMeanAndRepeatsBySeed) {
  const auto network = dropping(0.3);
  const std::map<std::string, Tensor> inputs{{"x", torch::ones({1, 4, 50, 50})}};
  const auto once = run_network(network, inputs, torch::kFloat, Learning{.seed = 1});
  EXPECT_NEAR(once.mean().item<double>(), 1, 0.03);
  EXPECT_NEAR(once.eq(0).to(torch::kFloat).mean().item<double>(), 0.3, 0.02);
  EXPECT_NEAR(once.max().item<double>(), 1 / 0.7, 1e-6);
  EXPECT_TRUE(once.equal(run_network(network, inputs, torch::kFloat, Learning{.seed = 1})));
  EXPECT_FALSE(once.equal(run_network(network, inputs, torch::kFloat, Learning{.seed = 2})));
}

TEST(Learning, DropoutDoesNothingWhenApplied) {
  const auto x = torch::rand({1, 2, 4, 4});
  EXPECT_TRUE(run_network(dropping(0.5), {{"x", x}}).equal(x));
  EXPECT_TRUE(run_network(dropping(0), {{"x", x}}, torch::kFloat, Learning{}).equal(x));
}

TEST(Learning, TwoDropoutsDropDifferentValues) {
  NetworkBuilder build(1);
  const auto x = build.input("x");
  build.apply("both", Op::kConcat,
              {build.apply("a", Op::kDropout, {x}, 0.5), build.apply("b", Op::kDropout, {x}, 0.5)});
  const auto y = run_network(build.build(), {{"x", torch::ones({1, 1, 20, 20})}}, torch::kFloat, Learning{});
  EXPECT_FALSE(y[0][0].equal(y[0][1]));
}

Network with_batch_norm() {
  NetworkBuilder build(1);
  build.batch_norm("norm", build.input("x"), 2, 0);
  return build.build();
}

TEST(Learning, BatchNormNormalisesByItsBatchAndStoredStatisticsFollow) {
  const auto network = with_batch_norm();
  const auto x = torch::stack({torch::tensor({1.F, 3.F}), torch::tensor({5.F, 5.F})}).reshape({2, 1, 1, 2}) *
                 torch::tensor({1.F, 10.F}).reshape({1, 2, 1, 1});
  const auto y = run_network(network, {{"x", x}}, torch::kFloat, Learning{});
  EXPECT_NEAR(y.mean().item<double>(), 0, 1e-6);
  EXPECT_NEAR(y.square().mean().item<double>(), 1, 1e-5);
  // Values 1, 3, 5, 5: mean 3.5, unbiased variance 11 / 3; a tenth of the way from 0 and 1.
  EXPECT_NEAR(network.parameters.at("norm.mean")[0].item<double>(), 0.35, 1e-6);
  EXPECT_NEAR(network.parameters.at("norm.variance")[0].item<double>(), 0.9 + 11.0 / 30, 1e-5);
  EXPECT_NEAR(network.parameters.at("norm.mean")[1].item<double>(), 3.5, 1e-5);
}

TEST(Learning, StoredStatisticsAreLeftAloneOtherwise) {
  const auto network = with_batch_norm();
  const auto x = torch::rand({2, 2, 3, 3});
  const auto applied = run_network(network, {{"x", x}});
  EXPECT_TRUE(applied.allclose(x, 1e-5, 1e-6));
  const auto noisy = run_network(network, {{"x", x}}, torch::kFloat, Learning{.batch_statistics = false});
  EXPECT_TRUE(noisy.equal(applied));
  EXPECT_EQ(network.parameters.at("norm.mean").abs().max().item<double>(), 0);
}

TEST(Learning, ABrokenBatchDoesNotSpoilTheStatistics) {
  const auto network = with_batch_norm();
  const auto x = torch::full({2, 2, 3, 3}, std::numeric_limits<float>::quiet_NaN());
  run_network(network, {{"x", x}}, torch::kFloat, Learning{});
  EXPECT_TRUE(network.parameters.at("norm.mean").equal(torch::zeros({2})));
  EXPECT_TRUE(network.parameters.at("norm.variance").equal(torch::ones({2})));
}

TEST(Network, ShufflesChannelsToPixels) {
  NetworkBuilder build(1);
  build.resize("y", Op::kPixelShuffle, build.input("x"), 2);
  const auto network = build.build();
  const auto x = torch::arange(8, torch::kFloat).reshape({1, 8, 1, 1});
  const auto y = run_network(network, {{"x", x}});
  EXPECT_TRUE(y.equal(x.reshape({1, 2, 2, 2}))) << y;
  EXPECT_EQ(graph_from_json(to_json(network.graph)).nodes.back().factor, 2);
  EXPECT_THROW(run_network(network, {{"x", torch::rand({1, 6, 2, 2})}}), Error);
}

TEST(Network, PaddingIsDifferentiableTwice) {
  torch::manual_seed(2);
  const auto weight = torch::rand({1, 2, 3, 3}, torch::kDouble);
  for (const bool reflect : {true, false}) {
    const auto squared_gradient = [&](const Tensor& x) {
      const torch::AutoGradMode on(true);
      const auto at = x.requires_grad() ? x : x.detach().requires_grad_(true);
      const auto y = torch::conv2d(pad_edges(at, 2, reflect), weight).tanh().sum();
      return torch::autograd::grad({y}, {at}, {}, true, true)[0].square().sum();
    };
    EXPECT_LT(gradient_error(squared_gradient, torch::rand({1, 2, 4, 5}, torch::kDouble)), kGradientTolerance);
  }
}

TEST(Network, ConvolutionsTakeAPaddingOfTheirOwn) {
  NetworkBuilder build(1);
  build.conv("half", build.input("picture"), 3, 4, 4, {.stride = 2, .edge = Edge::kZero, .padding = 1});
  EXPECT_EQ(run_network(build.build(), {{"picture", torch::rand({1, 3, 16, 10})}}).sizes(),
            (at::IntArrayRef{1, 4, 8, 5}));
}

TEST(PeakMemory, CountsWhatLivesAtOnce) {
  NetworkBuilder build(1);
  const auto x = build.conv("wide", build.input("picture"), 3, 16, 3);
  build.conv("out", x, 16, 3, 3);
  // The second convolution's input and its padded copy, which alone is kept for the result: 16 + 16 values per pixel,
  // beside the picture, which is its owner's.
  EXPECT_EQ(peak_memory(build.build(), 10, 20), (16 + 16) * 200U * 4);
}

TEST(PeakMemory, TakesInputsAsTheyAreTold) {
  NetworkBuilder build(1);
  build.conv("out", build.input("features"), 32, 8, 1);
  // At a quarter of the picture's sides: input, its padded copy and the result, 32 + 32 + 8 values for 16 pixels.
  EXPECT_EQ(peak_memory(build.build(), 16, 32, {{"features", {32, 4}}}), (32 + 32 + 8) * 16U * 32 / 16 * 4);
}

TEST(PeakMemory, SmallerLevelsCountLess) {
  const auto bytes = [](int stride) {
    NetworkBuilder build(1);
    auto x =
        build.conv("down", build.input("picture"), 3, 64, 4, {.stride = stride, .edge = Edge::kZero, .padding = 1});
    x = build.transposed_conv("up", x, 64, 3, 4, stride);
    return peak_memory(build.build(), 64, 64);
  };
  EXPECT_LT(bytes(4), bytes(2));
}

}  // namespace
}  // namespace atelier
