#include "methods/model_iteration/reconstruction/paint_levels.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "encoders/random_chain.h"
#include "support/fixture_pair.h"

namespace atelier::reconstruction {
namespace {

/// An encoder that changes nothing but the sign of what is negative, and a decoder that gives its features back: what
/// is left is the transfer of colours.
Level identity_level() {
  auto chain = random_chain({1}, {3});
  chain.input_weight = torch::eye(3).reshape({3, 3, 1, 1});
  chain.input_bias = torch::zeros({3});
  auto centre = torch::zeros({3, 3, 3, 3});
  for (int c = 0; c < 3; ++c) centre[c][c][1][1] = 1;
  chain.layers[0].weight = centre;
  chain.layers[0].bias = torch::zeros({3});
  const auto encoder = std::make_shared<const Encoder>(chain, EncoderOptions{.precision = Precision::kFloat32});
  auto decoder = mirror_decoder(chain, "relu1_1");
  decoder.parameters["conv1_1.weight"] = centre;
  return {"relu1_1", encoder, decoder};
}

Tensor paint(const Inputs& inputs, const LevelSettings& settings = {}) {
  return paint_levels(inputs, {identity_level()}, settings, [](const Progress&) { return true; });
}

TEST(PaintLevels, TransfersTheColoursThroughAnIdentity) {
  const auto inputs = fixture_pair();
  const auto wanted =
      transfer_statistics(inputs.content, {{feature_statistics(inputs.styles[0].picture)}}, Transform::kEigen);
  EXPECT_TRUE(torch::allclose(paint(inputs), wanted.clamp(0, 1), 1e-3, 1e-4));
}

TEST(PaintLevels, AMarginOfAnyWidthLeavesThePictureInItsPlace) {
  auto inputs = fixture_pair();
  inputs.styles[0].picture = inputs.content;
  for (const std::int64_t margin : {16, 32, 512})
    EXPECT_TRUE(torch::allclose(paint(inputs, {.margin = margin}), inputs.content, 1e-3, 0.05)) << margin;
}

TEST(LevelsMemory, CountsEncoderTransferAndDecoder) {
  auto inputs = fixture_pair();
  // One layer of three channels. The decoder: its input, the padded copy and the result, and the features four times.
  const auto level = identity_level();
  const auto bytes = [](double values) { return static_cast<std::size_t>(1.25 * values) * sizeof(float); };
  EXPECT_EQ(levels_memory(inputs, {level}, 0), bytes(64 * 64 * 21));
  EXPECT_EQ(levels_memory(inputs, {level, level}, 0), levels_memory(inputs, {level}, 0));
  EXPECT_EQ(levels_memory(inputs, {level}, 32), bytes(128 * 128 * 21));
  // A style ten times as large: encoding it counts, its features kept, beside the photo's features.
  inputs.styles[0].picture = torch::rand({1, 3, 640, 64});
  EXPECT_EQ(levels_memory(inputs, {level}, 0), bytes(64 * 64 * (10 * 9 + 3)));
  inputs.strength = 0;
  EXPECT_EQ(levels_memory(inputs, {level}, 0), 0U);
}

TEST(PaintLevels, OfThePhotoAsItsOwnStyleIsThePhoto) {
  auto inputs = fixture_pair();
  inputs.styles[0].picture = inputs.content;
  EXPECT_TRUE(torch::allclose(paint(inputs), inputs.content, 1e-3, 1e-3));
}

TEST(PaintLevels, BlendsTwoStylesByTheirWeights) {
  auto a = fixture_pair();
  a.content = 0.5 * a.content + 0.25;  // so that nothing is clamped
  auto b = a, both = a;
  b.styles[0].picture = b.styles[0].picture.flip(1);  // other colours
  both.styles = {a.styles[0], b.styles[0]};
  both.styles[0].weight = 3;
  const LevelSettings settings{.alpha = 0.05};
  const auto wanted = paint(a, settings).lerp(paint(b, settings), 0.25);
  EXPECT_TRUE(torch::allclose(paint(both, settings), wanted, 1e-3, 1e-3));
}

TEST(PaintLevels, RegionsTakeTheStatisticsOfTheirOwnPixels) {
  auto inputs = fixture_pair();
  auto mask = torch::zeros({1, 1, 64, 64});
  mask.narrow(3, 0, 32).fill_(1);
  inputs.styles[0].mask = mask;
  const auto wanted = transfer_statistics(inputs.content.narrow(3, 0, 32),
                                          {{feature_statistics(inputs.styles[0].picture)}}, Transform::kEigen);
  const auto out = paint(inputs);
  EXPECT_TRUE(torch::allclose(out.narrow(3, 0, 32), wanted.clamp(0, 1), 1e-3, 1e-3));
  EXPECT_TRUE(out.narrow(3, 32, 32).equal(inputs.content.narrow(3, 32, 32)));
}

TEST(PaintLevels, WeakStrengthsMixThePhotoIn) {
  auto inputs = fixture_pair();
  inputs.strength = 5;
  const auto full = fixture_pair();
  EXPECT_TRUE(torch::allclose(paint(inputs), inputs.content.lerp(paint(full), 0.25), 1e-4, 1e-4));
}

TEST(PaintLevels, AboveOneGoesThroughTheLevelsAgain) {
  int last = 0, planned = 0;
  paint_levels(fixture_pair(), {identity_level()}, {.alpha = 1.5}, [&](const Progress& progress) {
    last = progress.step;
    planned = progress.steps;
    return true;
  });
  EXPECT_EQ(planned, 2);
  EXPECT_EQ(last, 2);
}

TEST(PaintLevels, FinishesAsAsked) {
  LevelSettings settings;
  settings.finish = [](const Tensor& picture) { return torch::zeros_like(picture); };
  EXPECT_EQ(paint(fixture_pair(), settings).abs().max().item<double>(), 0);
}

}  // namespace
}  // namespace atelier::reconstruction
