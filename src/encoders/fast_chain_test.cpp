#include "encoders/fast_chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "encoders/random_chain.h"
#include "support/fixtures.h"
#include "support/weight_files.h"
#include "tensor/onednn.h"

namespace atelier {
namespace {

const std::vector<std::string> kTaps = {"relu1_1", "relu2_1", "relu3_2", "relu3_1"};

ConvChain small_chain() { return random_chain({2, 2, 3}, {24, 48, 80}); }

double relative(const Tensor& a, const Tensor& b) { return ((a - b).norm() / b.norm()).item<double>(); }

Tensor gradient_of(const std::vector<Tensor>& features, const Tensor& picture) {
  Tensor loss = torch::zeros({});
  for (const auto& feature : features) loss = loss + feature.square().mean();
  return torch::autograd::grad({loss}, {picture})[0];
}

struct Case {
  Pooling pooling;
  bool bf16;
  double feature_tolerance, gradient_tolerance;
};

class FastChainTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (GetParam().bf16 && !onednn_has_bf16()) GTEST_SKIP() << "this processor cannot compute in bfloat16";
  }
};

// bfloat16 keeps 8 bits: features are off by some tenths of a percent per layer, and where two values of a pooling
// window or a ReLU's zero are that close, gradients take another path.
INSTANTIATE_TEST_SUITE_P(Kinds, FastChainTest,
                         testing::Values(Case{Pooling::kMax, false, 1e-5, 2e-3},
                                         Case{Pooling::kAverage, false, 1e-5, 2e-3},
                                         Case{Pooling::kMax, true, 2e-2, 0.25},
                                         Case{Pooling::kAverage, true, 2e-2, 0.15}));

TEST_P(FastChainTest, AgreesWithThePlainReference) {
  const auto chain = small_chain();
  const auto picture = read_fixture("photo_64.png").narrow(2, 0, 63).narrow(3, 0, 50).contiguous().requires_grad_(true);
  const FastChain fast(chain, GetParam().pooling, GetParam().bf16);
  const auto wanted = raw_chain_features(chain, picture, kTaps, GetParam().pooling);
  const auto got = fast.raw_features(picture, kTaps);
  for (std::size_t t = 0; t < kTaps.size(); ++t) {
    ASSERT_EQ(got[t].sizes(), wanted[t].sizes());
    EXPECT_LT(relative(got[t], wanted[t]), GetParam().feature_tolerance) << kTaps[t];
  }
  EXPECT_LT(relative(gradient_of(got, picture), gradient_of(wanted, picture)), GetParam().gradient_tolerance);
}

TEST_P(FastChainTest, TreatsEachPictureOfABatchAsAlone) {
  const FastChain fast(small_chain(), GetParam().pooling, GetParam().bf16);
  const auto batch =
      torch::cat({read_fixture("photo_64.png"), read_fixture("painting_64.png"), read_fixture("photo_64.png").flip(3)})
          .requires_grad_(true);
  const auto together = fast.raw_features(batch, kTaps);
  const auto gradient = gradient_of(together, batch) * 3;  // its mean is over three times as many
  for (std::int64_t n = 0; n < 3; ++n) {
    const auto picture = batch.detach().narrow(0, n, 1).contiguous().requires_grad_(true);
    const auto alone = fast.raw_features(picture, kTaps);
    for (std::size_t t = 0; t < kTaps.size(); ++t)
      EXPECT_LT(relative(together[t].narrow(0, n, 1), alone[t]), 1e-2 * GetParam().feature_tolerance + 1e-6);
    EXPECT_LT(relative(gradient.narrow(0, n, 1), gradient_of(alone, picture)), 0.1 * GetParam().gradient_tolerance);
  }
}

TEST_P(FastChainTest, BatchesAgreeWithThePlainReference) {
  const auto chain = small_chain();
  const auto batch = torch::cat({read_fixture("photo_64.png"), read_fixture("painting_64.png")}).requires_grad_(true);
  const auto wanted = raw_chain_features(chain, batch, kTaps, GetParam().pooling);
  const auto got = FastChain(chain, GetParam().pooling, GetParam().bf16).raw_features(batch, kTaps);
  for (std::size_t t = 0; t < kTaps.size(); ++t)
    EXPECT_LT(relative(got[t], wanted[t]), GetParam().feature_tolerance) << kTaps[t];
  EXPECT_LT(relative(gradient_of(got, batch), gradient_of(wanted, batch)), GetParam().gradient_tolerance);
}

TEST_P(FastChainTest, RepeatsExactly) {
  const auto picture = read_fixture("painting_64.png").requires_grad_(true);
  const FastChain fast(small_chain(), GetParam().pooling, GetParam().bf16);
  const auto first = fast.raw_features(picture, kTaps), second = fast.raw_features(picture, kTaps);
  for (std::size_t t = 0; t < kTaps.size(); ++t) EXPECT_TRUE(first[t].equal(second[t]));
  EXPECT_TRUE(gradient_of(first, picture).equal(gradient_of(second, picture)));
}

TEST(FastChain, TwoPicturesInFlightDoNotDisturbEachOther) {
  const FastChain fast(small_chain(), Pooling::kMax, false);
  const auto a = read_fixture("photo_64.png").requires_grad_(true),
             b = read_fixture("painting_64.png").requires_grad_(true);
  const auto alone = gradient_of(fast.raw_features(a, kTaps), a);
  const auto features_of_a = fast.raw_features(a, kTaps);
  const auto features_of_b = fast.raw_features(b, kTaps);
  EXPECT_TRUE(gradient_of(features_of_a, a).equal(alone));
  EXPECT_GT(gradient_of(features_of_b, b).abs().max().item<float>(), 0);
}

TEST(FastChain, ForgetsOldSizesButNotWhatIsInFlight) {
  const FastChain fast(small_chain(), Pooling::kMax, false);
  const auto picture = read_fixture("photo_64.png").requires_grad_(true);
  const auto alone = gradient_of(fast.raw_features(picture, kTaps), picture);
  const auto kept = fast.raw_features(picture, kTaps);
  for (std::int64_t side = 20; side < 40; ++side) fast.raw_features(torch::rand({1, 3, side, side}), {"relu2_1"});
  EXPECT_TRUE(gradient_of(kept, picture).equal(alone));
  EXPECT_TRUE(gradient_of(fast.raw_features(picture, kTaps), picture).equal(alone));
}

TEST(FastChain, RefusesFeaturesChangedInPlace) {
  const FastChain fast(small_chain(), Pooling::kMax, false);
  const auto picture = read_fixture("photo_64.png").requires_grad_(true);
  const auto features = fast.raw_features(picture, {"relu2_1"});
  {
    const torch::NoGradGuard no_grad;
    features[0].mul_(2);
  }
  EXPECT_THROW(gradient_of(features, picture), Error);
}

TEST(FastChain, GivesPlainTensorsWhereNoGradientIsWanted) {
  const FastChain fast(small_chain(), Pooling::kMax, false);
  EXPECT_FALSE(fast.raw_features(read_fixture("photo_64.png"), {"relu1_1"})[0].requires_grad());
}

TEST(FastChain, RefusesWhatItCannotDo) {
  auto reflecting = small_chain();
  reflecting.padding = Padding::kReflection;
  EXPECT_THAT(test::message_of([&] { FastChain(reflecting, Pooling::kMax, false); }),
              ::testing::HasSubstr("take Encoder"));
  const FastChain fast(small_chain(), Pooling::kMax, false);
  EXPECT_THROW(fast.raw_features(torch::rand({0, 3, 32, 32}), {"relu1_1"}), Error);
  EXPECT_THROW(fast.raw_features(torch::rand({1, 3, 32, 32}, torch::kDouble), {"relu1_1"}), Error);
  EXPECT_THROW(fast.raw_features(torch::rand({1, 3, 32, 32}), {"conv1_1"}), Error);
  EXPECT_THROW(fast.raw_features(torch::rand({1, 3, 3, 3}), {"relu3_1"}), Error);
}

}  // namespace
}  // namespace atelier
