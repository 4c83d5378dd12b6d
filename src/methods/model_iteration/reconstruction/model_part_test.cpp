#include "methods/model_iteration/reconstruction/model_part.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "encoders/conv_chain.h"
#include "networks/network.h"
#include "support/weight_files.h"
#include "weights/model_store.h"

namespace atelier::reconstruction {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ModelPart, IsTheEncoderAsFarAsItsTap) {
  const torch::NoGradGuard no_grad;
  const auto whole = open_model("compact"), part = part_of_model(whole, "relu3_1");
  const auto chain = read_chain(part);
  EXPECT_EQ(chain.layers.back().name, "conv3_1");
  EXPECT_FALSE(chain.readouts.contains("relu4_1"));
  EXPECT_EQ(part.metadata.at("padding"), "zero");
  const auto picture = torch::rand({1, 3, 16, 24});
  EXPECT_TRUE(
      chain_features(chain, picture, {"relu3_1"})[0].equal(chain_features(read_chain(whole), picture, {"relu3_1"})[0]));
}

TEST(ModelPart, IsTheDecoderOfItsTap) {
  const torch::NoGradGuard no_grad;
  const auto whole = open_model("wct"), part = part_of_model(whole, "relu1_1");
  const auto network = read_network(part), joined = read_network(whole);
  EXPECT_THAT(network.graph.inputs(), ElementsAre("relu1_1.features"));
  EXPECT_EQ(part.metadata.at("encoder"), "compact");
  const auto output = network.graph.nodes.back().name;
  const std::map<std::string, Tensor> features = {{"relu1_1.features", torch::rand({1, 24, 8, 8})}};
  EXPECT_TRUE(run_network(network, features).equal(node_values(joined, features, {output})[0]));
}

TEST(ModelPart, RefusesTapsThatAreNotThere) {
  const auto refusal = [](const char* model, const char* tap) {
    return test::message_of([&] { part_of_model(open_model(model), tap); });
  };
  EXPECT_THAT(refusal("compact", "relu6_1"), HasSubstr("has no layer \"relu6_1\""));
  EXPECT_THAT(refusal("adain", "relu1_1"), HasSubstr("has no decoder for relu1_1"));
  EXPECT_THAT(refusal("photos", "relu1_1"), HasSubstr("is not an encoder"));
}

}  // namespace
}  // namespace atelier::reconstruction
