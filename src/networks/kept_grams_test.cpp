#include "networks/kept_grams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "atelier/error.h"
#include "support/weight_files.h"
#include "tensor/weight_tensor.h"

namespace atelier {
namespace {

const std::vector<TapWidth> kTaps = {{"relu1_1", 2}};

/// Of two styles: one of small numbers, one of numbers beyond half precision.
WeightSet model() {
  WeightSet weights;
  const auto small = torch::tensor({{4e-6F, 1e-6F}, {1e-6F, 2e-6F}});
  const auto large = torch::tensor({{8e6F, -2e6F}, {-2e6F, 1e6F}});
  keep_grams(weights, {"compact", "abc"}, {{"relu1_1", torch::stack({small, large})}});
  return weights;
}

TEST(KeptGrams, TriangleAndUnitAreWhatTheFormatSays) {
  const auto weights = model();
  ASSERT_TRUE(gram_source(weights));
  EXPECT_EQ(gram_source(weights)->encoder, "compact");
  EXPECT_EQ(gram_source(weights)->sha256, "abc");
  const auto triangles = to_float_tensor(weights, "painting_gram.relu1_1");
  EXPECT_EQ(weights.at("painting_gram.relu1_1").dtype, DType::kF16);
  EXPECT_TRUE(torch::allclose(triangles, torch::tensor({{1.F, 0.25F, 0.5F}, {1.F, -0.25F, 0.125F}})));
  EXPECT_TRUE(
      torch::allclose(to_float_tensor(weights, "painting_gram.relu1_1.unit"), torch::tensor({4e-6F, 8e6F}), 1e-6));
}

TEST(KeptGrams, GivesTheMatricesOfOneStyle) {
  const auto weights = model();
  const auto small = kept_grams(weights, 0, kTaps), large = kept_grams(weights, 1, kTaps);
  EXPECT_TRUE(torch::allclose(small.at(0), torch::tensor({{{4e-6F, 1e-6F}, {1e-6F, 2e-6F}}}), 1e-3, 0));
  EXPECT_TRUE(torch::allclose(large.at(0), torch::tensor({{{8e6F, -2e6F}, {-2e6F, 1e6F}}}), 1e-3, 0));
}

TEST(KeptGrams, ABlackPaintingHasMatricesOfZero) {
  WeightSet weights;
  keep_grams(weights, {"compact", "abc"}, {{"relu1_1", torch::zeros({1, 3, 3})}});
  EXPECT_EQ(kept_grams(weights, 0, {{"relu1_1", 3}}).at(0).abs().max().item<float>(), 0);
}

std::string refusal(const WeightSet& weights, std::int64_t style, const TapWidth& tap) {
  return test::message_of([&] { kept_grams(weights, style, {tap}); });
}

TEST(KeptGrams, DamageIsRefused) {
  EXPECT_FALSE(gram_source({}));
  EXPECT_THROW(kept_grams(model(), 0, {{"relu2_1", 2}}), Error);
  EXPECT_THAT(refusal(model(), 2, {"relu1_1", 2}), testing::HasSubstr("damaged"));
  EXPECT_THAT(refusal(model(), 0, {"relu1_1", 3}), testing::HasSubstr("damaged"));
  for (const float wrong : {INFINITY, NAN, 1e30F}) {
    WeightSetBuilder builder;
    builder.add_floats("painting_gram.relu1_1", {1, 3}, std::vector<float>{1, 1, 1});
    builder.add_floats("painting_gram.relu1_1.unit", {1}, std::vector<float>{wrong});
    EXPECT_THAT(refusal(builder.build(), 0, {"relu1_1", 2}), testing::HasSubstr("damaged")) << wrong;
  }
}

}  // namespace
}  // namespace atelier
