#include "networks/encoder_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "encoders/encoder.h"
#include "encoders/random_chain.h"
#include "weights/model_store.h"

namespace atelier {
namespace {

using testing::ElementsAre;

TEST(EncoderNetwork, NamesFeaturesAsTheFieldDoes) {
  auto chain = random_chain({1, 2}, {4, 8});
  chain.readouts["relu2_1"] = torch::eye(8).reshape({8, 8, 1, 1});
  EXPECT_THAT(encoder_taps(encoder_network(chain).graph),
              ElementsAre("relu1_1", "relu2_1", "relu2_1.readout", "relu2_2"));
}

TEST(EncoderNetwork, AddsUpWhatAHandDoes) {
  auto chain = random_chain({1}, {1});
  chain.input_weight = torch::eye(3).reshape({3, 3, 1, 1}) * 2;
  chain.input_bias = torch::full({3}, -1.0);
  chain.layers[0].weight = torch::ones({1, 3, 3, 3});
  chain.layers[0].bias = torch::full({1}, -5.0);
  const auto network = encoder_network(chain);
  // Each value becomes 2 · 1 - 1 = 1; in a corner 3 · 4 of them count, beyond the edge are zeros, 12 - 5 = 7.
  const auto made = run_network(network, {{"picture", torch::ones({1, 3, 2, 2})}});
  EXPECT_TRUE(made.equal(torch::full({1, 1, 2, 2}, 7.0))) << made;
}

void expect_features(const ConvChain& chain) {
  const torch::NoGradGuard no_grad;
  const auto picture = torch::rand({2, 3, 33, 46});
  const auto network = encoder_network(chain);
  const auto taps = encoder_taps(network.graph);
  const auto made = node_values(network, {{"picture", picture}}, taps);
  for (std::size_t i = 0; i < taps.size(); ++i) {
    const auto dot = taps[i].find('.');
    const auto expected = dot == std::string::npos ? raw_chain_features(chain, picture, {taps[i]})[0]
                                                   : chain_features(chain, picture, {taps[i].substr(0, dot)})[0];
    EXPECT_TRUE(made[i].allclose(expected, 1e-4, 1e-4)) << taps[i];
  }
}

TEST(EncoderNetwork, GivesTheEncodersFeatures) {
  torch::manual_seed(3);
  auto chain = random_chain({2, 1, 2}, {4, 6, 8});
  chain.readouts["relu3_1"] = torch::randn({8, 8, 1, 1});
  expect_features(chain);
  chain.padding = Padding::kReflection;
  expect_features(chain);
  expect_features(open_encoder("compact")->chain());
}

}  // namespace
}  // namespace atelier
