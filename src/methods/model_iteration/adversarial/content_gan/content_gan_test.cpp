// The dense form of content-gan; what all adversarial methods promise is in training_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "media/image_file.h"
#include "methods/method.h"
#include "methods/model_iteration/adversarial/content_gan/network.h"
#include "methods/model_iteration/adversarial/content_gan/project.h"
#include "methods/model_iteration/adversarial/content_gan/train.h"
#include "support/weight_files.h"
#include "tensor/image_tensor.h"
#include "training/adversarial/adversarial_training.h"
#include "weights/safetensors.h"

namespace atelier::methods::content_gan {

MethodInfo describe();

namespace {

TEST(ContentGan, DenseGeneratorHasTheArticlesSize) {
  const auto network = dense_generator(1);
  std::int64_t learnt = 0;
  for (const auto& [name, tensor] : network.parameters)
    if (!is_statistic(name)) learnt += tensor.numel();
  EXPECT_EQ(learnt, 100 * 256 + 256 * 512 + 512 * 1024 + 1024 * 784 + 784 + 2 * (256 + 512 + 1024));
  const auto drawn = run_network(network, {{"code", draw_codes(3, 1)}});
  EXPECT_EQ(drawn.sizes(), (at::IntArrayRef{3, 1, 28, 28}));
  EXPECT_GE(drawn.min().item<float>(), 0);
  EXPECT_LE(drawn.max().item<float>(), 1);
}

TEST(ContentGan, APixelIsOneOutputOfTheLastLayer) {
  auto network = dense_generator(1, 0, 64);
  network.parameters.at("pixels.weight").zero_();
  network.parameters.at("pixels.bias").copy_(torch::linspace(-2, 2, 784));
  const auto drawn = run_network(network, {{"code", draw_codes(1, 1)}});
  EXPECT_TRUE(drawn.flatten().allclose(torch::linspace(-2, 2, 784).tanh() * 0.5 + 0.5, 1e-5, 1e-6));
}

TEST(ContentGan, CriticGivesDigitsOneVerdictAndPicturesSeveral) {
  const auto digits = convolutional_critic(1, {.channels = 1});
  EXPECT_EQ(run_network(digits, {{"picture", torch::rand({2, 1, 28, 28})}}).sizes(), (at::IntArrayRef{2, 1, 1, 1}));
  EXPECT_EQ(digits.parameters.at("layer1.weight").sizes(), (at::IntArrayRef{64, 1, 3, 3}));
  EXPECT_EQ(digits.parameters.at("verdicts.weight").sizes(), (at::IntArrayRef{1, 128, 7, 7}));
  const auto pictures = convolutional_critic(1, {.width = 4});
  EXPECT_EQ(run_network(pictures, {{"picture", torch::rand({1, 3, 64, 64})}}).sizes(), (at::IntArrayRef{1, 1, 10, 10}));
}

/// Rings and strokes of random sizes and places: what a digit is made of.
Tensor stroke_picture(std::uint64_t seed) {
  torch::manual_seed(seed);
  const auto rows = torch::arange(28.0F).reshape({28, 1}), columns = torch::arange(28.0F).reshape({1, 28});
  const auto r = 5 + 4 * torch::rand({1}), y = 13 + 2 * torch::rand({1});
  const auto ring = ((rows - y).square() + (columns - 14).square()).sqrt() - r;
  const auto ink = (1.5 - (seed % 2 == 0 ? ring : columns - 10 - r / 2).abs()).clamp(0, 1);
  return ink.expand({1, 3, 28, 28}).contiguous();
}

class Digits : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_ / "digits");
    for (std::uint64_t i = 0; i < 12; ++i)
      write_image((folder_ / "digits" / (std::to_string(i) + ".png")).string(), to_image(stroke_picture(i)));
  }
  std::unique_ptr<TrainingTask> task(std::map<std::string, std::string> given) const {
    given.insert({{"form", "digits"}, {"batch", "8"}, {"critic-width", "8"}});
    return make_training(Values(training_options(), given),
                         {.photos = {folder_ / "digits"}, .styles = {}, .bf16 = false});
  }
  test::TemporaryFolder folder_;
};

TEST_F(Digits, AreLearntAndTheCriticIsTested) {
  TrainingOptions options;
  options.output = folder_ / "digits.safetensors";
  options.preview = folder_ / "digits.png";
  options.steps = 3;
  const auto model =
      train(*task({{"test", (folder_ / "digits").string()}}), options, [](const TrainingProgress& progress) {
        EXPECT_TRUE(progress.result.terms.contains("critic accuracy"));
        EXPECT_FALSE(progress.result.terms.contains("l1"));
        return true;
      });
  EXPECT_THAT(model.metadata.at("figures"), testing::HasSubstr("on 12 pictures not learnt"));
  EXPECT_EQ(read_image((folder_ / "digits.png").string()).width, 8 * 28);
}

TEST_F(Digits, ContentTermsCountWhenTheyAreAskedFor) {
  TrainingOptions options;
  options.steps = 1;
  train(*task({{"l1-weight", "1"}, {"l2-weight", "2"}}), options, [](const TrainingProgress& progress) {
    EXPECT_GT(progress.result.terms.at("l1"), 0);
    EXPECT_GE(progress.result.terms.at("l2"), progress.result.terms.at("l1"));  // a root mean square is never smaller
    return true;
  });
}

TEST_F(Digits, TakeNoTargets) {
  EXPECT_THAT(test::message_of([&] {
                task({{"targets", (folder_ / "digits").string()}});
              }),
              testing::HasSubstr("leave out --targets"));
}

TEST(ContentGan, FindsTheCodeOfAPictureThatItDrew) {
  auto network = dense_generator(3, 0, 8);
  network.parameters.at("pixels.weight") *= 4;  // random networks draw almost nothing
  const torch::NoGradGuard no_grad;
  const auto wanted = run_network(network, {{"code", draw_codes(1, 5)}}).expand({1, 3, 28, 28});
  const auto distance = [&](int steps) {
    const auto found = nearest_drawn(network, wanted, steps, 2, [](int) { return true; });
    return (found - wanted).abs().mean().item<double>();
  };
  EXPECT_LT(distance(150), 0.5 * distance(0));
}

TEST(ContentGan, AppliesAModelOfDigits) {
  const test::TemporaryFolder folder;
  const auto file = folder / "dense.safetensors";
  write_safetensors(file, generator_model(dense_generator(1, 0, 32), "content-gan"));
  Inputs inputs;
  inputs.content = torch::rand({1, 3, 40, 30});
  inputs.styles.resize(1);
  inputs.styles[0].model = file.string();
  const auto info = describe();
  const auto run = [&] { return info.make(Values(info.options, {{"steps", "3"}}))->run(inputs, {}); };
  const auto drawn = run();
  EXPECT_EQ(drawn.sizes(), inputs.content.sizes());
  EXPECT_TRUE(drawn.select(1, 0).equal(drawn.select(1, 2)));
  EXPECT_TRUE(drawn.equal(run()));
  EXPECT_EQ(info.make(Values(info.options, {}))->memory_forecast(inputs), 0U);
  inputs.styles[0].mask = torch::ones({1, 1, 40, 30});
  EXPECT_THROW(run(), Error);
}

}  // namespace
}  // namespace atelier::methods::content_gan
