#include "methods/model_iteration/adversarial/translators.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "methods/applied_network.h"

namespace atelier::methods {
namespace {

std::int64_t values_in(const Network& network) {
  std::int64_t count = 0;
  for (const auto& [name, tensor] : network.parameters) count += tensor.numel();
  return count;
}

/// Layers of the paper's U-Net at 256 pixels: encoder 64-128-256-512-512-512-512-512, decoder back with the skips.
TEST(Unet, HasThePapersSize) {
  const std::int64_t w[] = {64, 128, 256, 512, 512, 512, 512, 512};
  std::int64_t expected = 3 * 64 * 16 + 64;  // first convolution and its bias
  for (int i = 1; i < 8; ++i) expected += w[i - 1] * w[i] * 16 + (i < 7 ? 2 * w[i] : w[i]);
  for (int i = 7; i > 0; --i) expected += (i == 7 ? 1 : 2) * w[i] * w[i - 1] * 16 + 2 * w[i - 1];
  expected += 2 * 64 * 3 * 16 + 3;
  EXPECT_EQ(values_in(unet(1)), expected);
  EXPECT_EQ(AppliedNetwork(unet(1)).multiple(), 256);
}

TEST(Unet, PaintsInRangeAtOnePixelInside) {
  const auto painted = run_network(unet(1, {.depth = 4, .width = 4}), {{"picture", torch::rand({2, 3, 16, 32})}});
  EXPECT_EQ(painted.sizes(), (at::IntArrayRef{2, 3, 16, 32}));
  EXPECT_GE(painted.min().item<float>(), 0);
  EXPECT_LE(painted.max().item<float>(), 1);
}

TEST(Unet, WithoutSkipsOnlyTheInnermostLevelIsPassed) {
  const UnetShape shape{.depth = 2, .width = 4, .skips = false, .norm = Norm::kBatch};
  const auto network = unet(1, shape);
  for (const auto& node : network.graph.nodes) EXPECT_NE(node.op, Op::kConcat);
  EXPECT_EQ(network.parameters.at("out.weight").size(0), 4);
  EXPECT_TRUE(network.parameters.contains("down2_norm.mean"));
  EXPECT_EQ(run_network(network, {{"picture", torch::rand({1, 3, 8, 8})}}).sizes(), (at::IntArrayRef{1, 3, 8, 8}));
}

TEST(Unet, OneLevelWorks) {
  EXPECT_EQ(run_network(unet(1, {.depth = 1, .width = 2}), {{"picture", torch::rand({1, 3, 4, 4})}}).size(3), 4);
}

TEST(Unet, DropsInTheFirstLevelsOfTheWayBack) {
  int dropouts = 0;
  for (const auto& node : unet(1).graph.nodes)
    if (node.op == Op::kDropout) ++dropouts;
  EXPECT_EQ(dropouts, 3);
  const auto network = unet(1, {.depth = 3, .width = 4});
  const std::map<std::string, Tensor> inputs{{"picture", torch::rand({1, 3, 16, 16})}};
  const auto a = run_network(network, inputs, torch::kFloat, Learning{.seed = 1, .batch_statistics = false});
  const auto b = run_network(network, inputs, torch::kFloat, Learning{.seed = 2, .batch_statistics = false});
  EXPECT_FALSE(a.equal(b));
}

TEST(Translators, NearestEnlargingLeavesNoPatternOnAPlainPicture) {
  const auto plain = torch::full({1, 3, 96, 96}, 0.3, torch::kDouble);
  const auto network = resnet(1, {.width = 4, .blocks = 1, .enlarging = Enlarging::kNearest});
  // Zeros beyond the edge of the convolutions of stride 2 reach about twenty pixels far.
  const auto inside = run_network(network, {{"picture", plain}}, torch::kDouble).slice(2, 40, 56).slice(3, 40, 56);
  EXPECT_LT((inside - inside.slice(2, 0, 1).slice(3, 0, 1)).abs().max().item<double>(), 1e-9);
  const auto levels = unet(1, {.depth = 3, .width = 4, .enlarging = Enlarging::kNearest});
  EXPECT_EQ(run_network(levels, {{"picture", torch::rand({1, 3, 16, 24})}}).sizes(), (at::IntArrayRef{1, 3, 16, 24}));
}

TEST(Resnet, HasThePapersSize) {
  // 7×7 3→64, 3×3 64→128→256, nine blocks, back, 7×7 64→3 with bias; norms with scale and shift.
  const std::int64_t convolutions = 3 * 64 * 49 + 9 * (64 * 128 + 128 * 256) * 2 + 9 * 2 * 256 * 256 * 9 + 64 * 3 * 49;
  const std::int64_t norms = 2 * (64 + 128 + 256 + 18 * 256 + 128 + 64);
  EXPECT_EQ(values_in(resnet(1)), convolutions + norms + 3);
  EXPECT_EQ(AppliedNetwork(resnet(1, {.width = 2, .blocks = 1})).multiple(), 4);
}

TEST(PatchCritic, SeesSeventyPixels) {
  EXPECT_EQ(patch_size({}), 70);
  EXPECT_EQ(patch_size({.strided = 1}), 16);  // the paper's 16 × 16
  auto network = patch_critic(1, {.width = 2, .norm = Norm::kNone});
  const auto picture = torch::rand({1, 3, 128, 128}).requires_grad_(true);
  const auto verdicts = run_network(network, {{"picture", picture}});
  EXPECT_EQ(verdicts.sizes(), (at::IntArrayRef{1, 1, 14, 14}));
  const auto gradient = torch::autograd::grad({verdicts[0][0][7][7]}, {picture})[0].abs().sum(1)[0];
  EXPECT_EQ(gradient.sum(0).gt(0).sum().item<int>(), 70);
  EXPECT_EQ(gradient.sum(1).gt(0).sum().item<int>(), 70);
}

TEST(PatchCritic, OneVerdictWhereThatIsWanted) {
  const auto network = patch_critic(1, {.strided = 4, .plain = 0, .last_padding = 0, .width = 2});
  EXPECT_EQ(run_network(network, {{"picture", torch::rand({3, 3, 64, 64})}}).sizes(), (at::IntArrayRef{3, 1, 1, 1}));
}

TEST(PatchCritic, GivesAsManyVerdictsPerPatchAsAskedFor) {
  const auto network = patch_critic(1, {.strided = 1, .width = 4, .verdicts = 7});
  EXPECT_EQ(run_network(network, {{"picture", torch::rand({2, 3, 32, 32})}}).size(1), 7);
}

TEST(PatchCritic, SeesThePhotoBesideThePicture) {
  const auto network = patch_critic(1, {.strided = 1, .width = 4, .conditional = true});
  const auto picture = torch::rand({1, 3, 16, 16});
  const auto a = run_network(network, {{"picture", picture}, {"photo", picture}});
  const auto b = run_network(network, {{"picture", picture}, {"photo", 1 - picture}});
  EXPECT_FALSE(a.allclose(b));
}

TEST(Translators, StartAsDcganDoes) {
  const auto network = resnet(7, {.width = 16, .blocks = 2});
  EXPECT_NEAR(network.parameters.at("block1_1.weight").std().item<double>(), 0.02, 1e-3);
  EXPECT_NEAR(network.parameters.at("block1_1_norm.weight").mean().item<double>(), 1, 0.01);
  EXPECT_TRUE(network.parameters.at("block1_1.weight")
                  .equal(resnet(7, {.width = 16, .blocks = 2}).parameters.at("block1_1.weight")));
}

TEST(Translators, RefuseEmptyShapes) {
  EXPECT_THROW(unet(1, {.depth = 0}), Error);
  EXPECT_THROW(unet(1, {.width = 0}), Error);
  EXPECT_THROW(resnet(1, {.width = 0}), Error);
  EXPECT_THROW(patch_critic(1, {.strided = 0}), Error);
}

}  // namespace
}  // namespace atelier::methods
