#include "encoders/encoder.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "encoders/random_chain.h"
#include "support/tolerance.h"
#include "tensor/onednn.h"

namespace atelier {
namespace {

const std::vector<std::string> kTaps = {"relu1_1", "relu2_1"};

ConvChain chain_with_readout() {
  auto chain = random_chain({1, 1}, {6, 8});
  chain.readouts["relu2_1"] = torch::randn({8, 8, 1, 1});
  return chain;
}

Encoder encoder_with_readout(Precision precision = Precision::kFloat32) {
  return Encoder(chain_with_readout(), {.precision = precision});
}

TEST(Encoder, RawFeaturesBecomeFeaturesByTheReadout) {
  const auto encoder = encoder_with_readout();
  const auto batch = torch::rand({2, 3, 16, 20});
  for (const auto type : {torch::kFloat, torch::kDouble}) {  // the fast and the plain path
    const auto raw = encoder.raw_features(batch.to(type), kTaps), read = encoder.features(batch.to(type), kTaps);
    EXPECT_TRUE(raw[0].equal(read[0]));
    const auto mapped = encoder.readout("relu2_1").to(type).matmul(raw[1].flatten(2)).view_as(raw[1]);
    EXPECT_LT(relative_error(mapped, read[1]), tolerance(type));
  }
}

TEST(Encoder, HasAReadoutOnlyWhereTheChainHas) {
  const auto encoder = encoder_with_readout();
  EXPECT_FALSE(encoder.readout("relu1_1").defined());
  EXPECT_EQ(encoder.readout("relu2_1").sizes(), (std::vector<std::int64_t>{8, 8}));
}

TEST(Encoder, BatchesGiveTheSameOnTheFastAndThePlainPath) {
  const auto encoder = encoder_with_readout();
  const auto batch = torch::rand({3, 3, 17, 20});
  const auto fast = encoder.features(batch, kTaps), plain = chain_features(encoder.chain(), batch, kTaps);
  for (std::size_t t = 0; t < kTaps.size(); ++t)
    EXPECT_LT(relative_error(fast[t], plain[t]), tolerance(torch::kFloat)) << kTaps[t];
}

TEST(Encoder, FeaturesAreFloatWhateverTheArithmetic) {
  std::vector<Precision> precisions = {Precision::kFloat32, Precision::kAuto};
  if (onednn_has_bf16()) precisions.push_back(Precision::kBFloat16);
  for (const auto precision : precisions)
    for (const auto& feature : encoder_with_readout(precision).raw_features(torch::rand({2, 3, 16, 16}), kTaps))
      EXPECT_EQ(feature.scalar_type(), torch::kFloat);
}

TEST(Encoder, RefusesUnknownTapsAndNoPictures) {
  const auto encoder = encoder_with_readout();
  EXPECT_THROW(encoder.features(torch::rand({1, 3, 16, 16}), {"relu9_9"}), Error);
  EXPECT_THROW(encoder.raw_features(torch::rand({3, 16, 16}), kTaps), Error);
  EXPECT_THROW(parse_precision("fp8"), Error);
}

}  // namespace
}  // namespace atelier
