// Kinds of networks that StyleTraining learns beside the plain ones: styles as matrices, several outputs, batch norms.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "losses/gram.h"
#include "support/training_checks.h"
#include "tensor/weight_tensor.h"
#include "training/style_gram.h"
#include "training/style_training.h"

namespace atelier {
namespace {

Network gram_network() {
  NetworkBuilder build(1);
  const auto picture = build.input("picture"), gram = build.input("gram");
  auto x = build.apply("first", Op::kRelu, {build.conv("in", picture, 3, 6, 3, {.stride = 2})});
  x = build.co_match("match", x, gram, 6);
  build.conv("out", build.resize("up", Op::kUpsample, build.instance_norm("norm", x, 6)), 6, 3, 3);
  return build.build();
}

/// A picture, and one twice as large.
Network growing_network() {
  NetworkBuilder build(1);
  const auto small = build.conv("small", build.input("picture"), 3, 3, 3);
  build.conv("large", build.resize("larger", Op::kUpsampleBilinear, small), 3, 3, 3);
  return build.build();
}

Network batch_network() {
  NetworkBuilder build(1);
  const auto x = build.batch_norm("norm", build.conv("in", build.input("picture"), 3, 6, 3), 6);
  build.conv("out", build.apply("relu", Op::kRelu, {x}), 6, 3, 3);
  return build.build();
}

class StyleKinds : public test::StyleLessons {
 protected:
  StyleTrainingOptions task(std::int64_t crop = 64) const { return StyleLessons::task("johnson", crop); }

  /// The mean loss of the last five steps over that of the first five.
  double improvement(StyleTraining& training, const TrainingOptions& options) const {
    std::vector<double> losses;
    train(training, options, [&](const TrainingProgress& progress) {
      losses.push_back(progress.result.loss);
      return true;
    });
    const auto sum = [](auto from) { return std::accumulate(from, from + 5, 0.0); };
    return sum(losses.end() - 5) / sum(losses.begin());
  }
};

TEST(StyleGram, IsThatOfTheFeaturesBeforeTheCoMatch) {
  const auto network = gram_network();
  const auto picture = torch::rand({2, 3, 8, 12});
  const auto features = node_values(network, {{"picture", picture}}, {"first"}).front();
  EXPECT_TRUE(torch::allclose(style_gram(network, picture), losses::gram(features) / 6));
  EXPECT_TRUE(takes_gram(network));
  EXPECT_FALSE(takes_gram(batch_network()));
  EXPECT_THROW(style_gram(batch_network(), picture), Error);
}

TEST_F(StyleKinds, LearnsStylesByTheirMatricesAndKeepsThem) {
  StyleTraining training(gram_network(), styles_, task());
  EXPECT_LT(improvement(training, run("gram", 40)), 0.9);
  const auto weights = read_safetensors(folder_ / "gram.safetensors");
  const auto network = read_network(weights);
  for (const auto& style : styles_) {
    const auto kept = to_float_tensor(weights, "gram." + style.name);
    EXPECT_TRUE(torch::allclose(kept, style_gram(network, style.picture), 1e-2, 1e-3)) << style.name;  // F16 weights
  }
  EXPECT_FALSE(to_float_tensor(weights, "gram.first").equal(to_float_tensor(weights, "gram.second")));
}

TEST_F(StyleKinds, TheFirstLayersLearnByBothPictureAndMatrix) {
  StyleTraining training(gram_network(), styles_, task());
  training.step(1);
  for (const auto& [name, tensor] : training.parameters()) EXPECT_TRUE(tensor.grad().defined()) << name;
  const auto settings = training.settings();
  EXPECT_EQ(settings.find("outputs"), std::string::npos);  // checkpoints of earlier runs stay valid
}

TEST_F(StyleKinds, JudgesOutputsOfSeveralSizes) {
  auto options = task();
  options.outputs = {{"small", 1, 1.0}, {"large", 2, 0.5}};
  StyleTraining training(growing_network(), {styles_[0]}, options);
  EXPECT_EQ(training.state().front().second.size(0), 2);
  EXPECT_LT(improvement(training, run("growing", 40)), 0.9);
}

TEST_F(StyleKinds, ALossOfNoWeightTeachesNothing) {
  auto options = task();
  options.outputs = {{"small", 1, 1.0}, {"large", 2, 0.0}};
  StyleTraining training(growing_network(), {styles_[0]}, options);
  training.step(1);
  for (const auto& [name, tensor] : training.parameters())
    EXPECT_EQ(name.starts_with("large"), tensor.grad().abs().max().item<float>() == 0) << name;
}

TEST_F(StyleKinds, FixedParametersStay) {
  auto options = task();
  options.fixed = {"in.weight"};
  StyleTraining training(batch_network(), {styles_[0]}, options);
  for (const auto& [name, tensor] : training.parameters()) EXPECT_NE(name, "in.weight");
}

TEST_F(StyleKinds, BatchNormsMeasureTheirBatchesAndResume) {
  expect_resumes(batch_network(), {styles_[0]}, task());
  const auto a = read_safetensors(folder_ / "whole.safetensors");
  EXPECT_GT(to_float_tensor(a, "norm.mean").abs().max().item<float>(), 0);
  EXPECT_FALSE(to_float_tensor(a, "norm.variance").equal(torch::ones({6})));
}

}  // namespace
}  // namespace atelier
