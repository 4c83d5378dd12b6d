#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <set>

#include "methods/model_iteration/generative/texture_net/network.h"
#include "networks/noise_input.h"
#include "support/weight_files.h"

namespace atelier::methods::texture_net {
namespace {

using testing::HasSubstr;

const Shape kSmall{.scales = 3, .width = 2, .noise = 1};

Tensor paint(const Network& network, const Tensor& picture, std::uint64_t seed) {
  const torch::NoGradGuard no_grad;
  return run_network(network, {{"picture", picture}, {"noise", noise_input(network, picture, seed)}});
}

TEST(TextureNet, KeepsTheSizeWithEitherNorm) {
  const auto picture = torch::rand({2, 3, 16, 24});
  for (const auto norm : {Norm::kInstance, Norm::kBatch}) {
    auto shape = kSmall;
    shape.norm = norm;
    const auto painted = paint(generator_network(1, shape), picture, 1);
    EXPECT_EQ(painted.sizes(), picture.sizes());
    EXPECT_TRUE(painted.isfinite().all().item<bool>());
  }
}

TEST(TextureNet, AnotherSeedGivesAnotherPictureAndTheSameTheSame) {
  const auto network = generator_network(1, kSmall);
  const auto picture = torch::rand({1, 3, 16, 16});
  const auto first = paint(network, picture, 1);
  EXPECT_TRUE(first.equal(paint(network, picture, 1)));
  EXPECT_GT((first - paint(network, picture, 2)).abs().max().item<float>(), 1e-3);
}

TEST(TextureNet, InstanceNormForgetsContrastAndBatchNormDoesNot) {
  const auto picture = torch::rand({1, 3, 16, 16});
  const auto change = [&](Norm norm) {
    auto shape = kSmall;
    shape.norm = norm;
    const auto network = generator_network(1, shape);
    const auto quiet = torch::zeros({1, 3, 16, 16});  // without noise, so that only the photo's contrast differs
    const auto painted = [&](const Tensor& x) {
      return run_network(network, {{"picture", x}, {"noise", quiet}}, torch::kDouble);
    };
    return ((painted(picture) - painted(picture * 0.5)).norm() / painted(picture).std()).item<double>();
  };
  EXPECT_LT(change(Norm::kInstance), 0.1 * change(Norm::kBatch));
}

TEST(TextureNet, HasTheLayersOfThePaper) {
  const auto network = generator_network(1);
  std::set<int> ratios;
  int convolutions = 0;
  for (const auto& node : network.graph.nodes) {
    if (node.op == Op::kAveragePool) ratios.insert(node.factor);
    convolutions += node.op == Op::kConv && node.inputs[0] != "noise";
  }
  EXPECT_THAT(ratios, testing::ElementsAre(2, 4, 8, 16, 32));
  EXPECT_EQ(convolutions, 6 * 3 + 5 * 3 + 1);
  EXPECT_EQ(network.parameters.at("join0_1.weight").sizes(), (at::IntArrayRef{48, 48, 3, 3}));
}

TEST(TextureNet, EachScaleHasItsOwnNoise) {
  const auto network = generator_network(1, kSmall);
  const auto picture = torch::zeros({1, 3, 8, 8});
  const auto noise = noise_input(network, picture, 5);
  EXPECT_EQ(noise.sizes(), (at::IntArrayRef{1, 3, 8, 8}));
  EXPECT_GE(noise.min().item<float>(), 0);
  EXPECT_LT(noise.max().item<float>(), 1);
  const auto& weight = network.parameters.at("noise2.weight");
  EXPECT_TRUE(weight.flatten().equal(torch::tensor({0.F, 0.F, 1.F})));
}

TEST(TextureNet, RefusesAbsurdShapes) {
  EXPECT_THAT(test::message_of([] { generator_network(1, {.scales = 9}); }), HasSubstr("1 to 8 scales"));
  EXPECT_FALSE(noise_input(Network{}, torch::zeros({1, 3, 4, 4}), 1).defined());
}

}  // namespace
}  // namespace atelier::methods::texture_net
