#include "encoders/conv_chain.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "encoders/random_chain.h"
#include "support/numeric_gradient.h"
#include "support/tolerance.h"
#include "tensor/weight_tensor.h"
#include "weights/model_file.h"

namespace atelier {
namespace {

TEST(ConvChain, OneLayerMatchesAHandComputedSum) {
  // All weights 1 on identity input: an inner pixel of a constant 0.5 picture sees 27 values of 0.5, minus 10.
  ConvChain chain = random_chain({1}, {1});
  chain.input_weight = torch::eye(3).reshape({3, 3, 1, 1});
  chain.input_bias = torch::zeros({3});
  chain.layers[0].weight = torch::ones({1, 3, 3, 3});
  chain.layers[0].bias = torch::full({1}, -10.0);
  const auto out = chain_features(chain, torch::full({1, 3, 4, 4}, 0.5), {"relu1_1", "conv1_1"});
  EXPECT_NEAR(out[0][0][0][1][1].item<float>(), 3.5, 1e-5);
  EXPECT_NEAR(out[0][0][0][0][0].item<float>(), 0, 1e-5);   // a corner sees 12 values: 6 - 10 < 0
  EXPECT_NEAR(out[1][0][0][0][0].item<float>(), -4, 1e-5);  // the same before the ReLU
}

TEST(ConvChain, ReflectionPaddingOfAConstantPictureIsConstant) {
  ConvChain chain = random_chain({2, 1}, {4, 6});
  chain.padding = Padding::kReflection;
  const auto out = chain_features(chain, torch::full({1, 3, 12, 12}, 0.3), {"relu2_1"})[0];
  EXPECT_LT((out - out.mean({2, 3}, true)).abs().max().item<float>(), 1e-5);
}

TEST(ConvChain, AveragePoolingHalvesLikeMaxPooling) {
  const auto chain = random_chain({1, 1}, {4, 4});
  const auto picture = torch::rand({1, 3, 11, 9});
  for (const auto pooling : {Pooling::kMax, Pooling::kAverage}) {
    const auto out = chain_features(chain, picture, {"relu2_1"}, pooling)[0];
    EXPECT_EQ(out.sizes(), (std::vector<std::int64_t>{1, 4, 5, 4}));
  }
}

TEST(ConvChain, GradientMatchesFiniteDifferences) {
  torch::manual_seed(3);
  const auto chain = random_chain({1, 1}, {3, 4});
  const auto f = [&](const Tensor& x) {
    return chain_features(chain, x, {"conv2_1"}, Pooling::kAverage, torch::kDouble)[0].square().sum();
  };
  EXPECT_LT(gradient_error(f, torch::rand({1, 3, 6, 6}, torch::kDouble)), 1e-5);
}

TEST(ConvChain, KnowsChannelsAndStrides) {
  const auto chain = random_chain({2, 2, 3, 3, 1}, {24, 48, 80, 160, 256});
  EXPECT_EQ(chain.channels("relu4_2"), 160);
  EXPECT_EQ(chain.stride("relu1_2"), 1);
  EXPECT_EQ(chain.stride("relu4_1"), 8);
  EXPECT_EQ(chain.stride("conv5_1"), 16);
}

TEST(ConvChain, SurvivesItsFile) {
  const auto chain = random_chain({1, 2}, {4, 6});
  const auto again = read_chain(write_chain(chain, false), InputConvention::kStored);
  const auto picture = torch::rand({1, 3, 10, 10});
  EXPECT_TRUE(chain_features(chain, picture, {"relu2_2"})[0].equal(chain_features(again, picture, {"relu2_2"})[0]));
}

TEST(ConvChain, CaffeConventionSwapsChannelsAndSubtractsMeans) {
  auto weights = write_chain(random_chain({1}, {2}), false);
  weights.tensors.erase("input.weight");
  weights.tensors.erase("input.bias");
  const auto chain = read_chain(weights, InputConvention::kCaffe);
  const auto picture = torch::tensor({1.0F, 0.0F, 0.5F}).reshape({1, 3, 1, 1});  // R = 1, B = 0.5
  const auto seen = torch::conv2d(picture, chain.input_weight, chain.input_bias).flatten();
  EXPECT_NEAR(seen[0].item<float>(), 127.5 - 103.939, 1e-3);
  EXPECT_NEAR(seen[1].item<float>(), -116.779, 1e-3);
  EXPECT_NEAR(seen[2].item<float>(), 255 - 123.68, 1e-3);
}

TEST(ConvChain, RefusesWhatIsNoEncoder) {
  EXPECT_THROW(read_chain(WeightSet{}), Error);
  auto broken = random_chain({1, 1}, {4, 6});
  broken.layers[1].weight = torch::rand({6, 5, 3, 3});
  EXPECT_THROW(read_chain(write_chain(broken, false), InputConvention::kStored), Error);
  EXPECT_THROW(random_chain({1}, {4}).layer_of("relu9_9"), Error);
  EXPECT_THROW(random_chain({1}, {4}).layer_of("banana"), Error);
}

TEST(ConvChain, RefusesPicturesTooSmallForItsPooling) {
  const auto chain = random_chain({1, 1, 1}, {2, 2, 2});
  EXPECT_THROW(chain_features(chain, torch::rand({1, 3, 3, 3}), {"relu3_1"}), Error);
}

TEST(ConvChain, TheTwoPublishedVggFrontsAgreeUpToTheScaleOfChannels) {
  const std::filesystem::path folder = std::filesystem::path(ATELIER_SHARED) / "data/weights";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the third-party weights of ../shared are not here";
  auto caffe =
      read_chain(read_weights(folder / "vgg19-to-relu3-1/vgg19-to-conv3-1.safetensors"), InputConvention::kCaffe);
  const auto normalised =
      read_chain(read_weights(folder / "wct-full-levels-1-3/encoder-3.safetensors"), InputConvention::kStored);
  torch::manual_seed(1);
  const auto picture = torch::rand({1, 3, 24, 24});
  const auto a = chain_features(caffe, picture, {"relu2_1"})[0].flatten(2),
             b = chain_features(normalised, picture, {"relu2_1"})[0].flatten(2);
  const auto cosine = (a * b).sum(2) / (a.norm(2, 2) * b.norm(2, 2) + 1e-9);
  EXPECT_GT(std::get<0>(cosine.median(1)).item<float>(), 0.999);
}

}  // namespace
}  // namespace atelier
