#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "methods/method.h"
#include "methods/model_iteration/generative/msg_net/network.h"
#include "support/fixtures.h"
#include "support/weight_files.h"
#include "training/style_gram.h"
#include "weights/safetensors.h"

namespace atelier::methods::msg_net {

MethodInfo describe();

namespace {

using testing::HasSubstr;

TEST(MsgNetNetwork, HasTheSizesOfTheAuthorsModel) {
  const auto network = painting_network(1);
  const auto sizes = [&](const char* name) { return network.parameters.at(name).sizes(); };
  EXPECT_EQ(sizes("in.weight"), (at::IntArrayRef{64, 3, 7, 7}));
  EXPECT_EQ(sizes("down1_2.weight"), (at::IntArrayRef{32, 32, 3, 3}));
  EXPECT_EQ(sizes("match.weight"), (at::IntArrayRef{512, 512}));
  EXPECT_EQ(sizes("block6_2.weight"), (at::IntArrayRef{128, 128, 3, 3}));
  EXPECT_EQ(sizes("up2_3.weight"), (at::IntArrayRef{128, 32, 1, 1}));
  EXPECT_EQ(sizes("out.weight"), (at::IntArrayRef{3, 64, 7, 7}));
  EXPECT_FALSE(network.parameters.contains("block1_kept.weight"));  // an identity shortcut
}

TEST(MsgNetNetwork, KeepsTheSizeAndAsksForTheStyle) {
  const auto network = painting_network(1, {.width = 1, .blocks = 1});
  const auto picture = torch::rand({2, 3, 16, 24});
  const auto gram = style_gram(network, torch::rand({1, 3, 21, 17}));
  EXPECT_EQ(gram.sizes(), (at::IntArrayRef{1, 32, 32}));
  const auto painted = run_network(network, {{"picture", picture}, {"gram", gram}});
  EXPECT_EQ(painted.sizes(), picture.sizes());
  EXPECT_TRUE(painted.isfinite().all().item<bool>());
}

TEST(MsgNetNetwork, StartsByKeepingTheContent) {
  auto network = painting_network(1, {.width = 1, .blocks = 0});
  const auto factor = torch::eye(32) + 0.05 * torch::randn({32, 32});
  const auto gram = factor.matmul(factor.t()).unsqueeze(0);
  start_with_content(network, {gram * 0.5, gram * 1.5});
  const std::map<std::string, Tensor> inputs{{"picture", torch::rand({1, 3, 8, 8})}, {"gram", gram}};
  const auto values = node_values(network, inputs, {"down2", "match"});
  EXPECT_LT(((values[1] - values[0]).norm() / values[0].norm()).item<double>(), 0.1);
}

class MsgNetTest : public testing::Test {
 protected:
  void SetUp() override { write_safetensors(model_, describe().tiny_model()); }

  Style learnt(const std::string& entry, double weight = 1) const {
    Style style;
    style.model = model_;
    style.entry = entry;
    style.weight = weight;
    return style;
  }

  Tensor paint(const std::vector<Style>& styles, const std::string& model = "") const {
    Inputs inputs;
    inputs.content = photo_;
    inputs.styles = styles;
    inputs.precision = "fp32";
    const auto info = describe();
    return info.make(Values(info.options, {{"model", model}}))->run(inputs, {});
  }

  test::TemporaryFolder folder_;
  std::string model_ = (folder_ / "model.safetensors").string();
  Tensor photo_ = read_fixture("photo_64.png").narrow(2, 0, 37).contiguous();
};

TEST_F(MsgNetTest, PaintsDifferentlyForEachStyle) {
  EXPECT_GT((paint({learnt("first")}) - paint({learnt("second")})).abs().max().item<float>(), 1e-5);
}

TEST_F(MsgNetTest, APictureIsPaintedLikeItsStoredMatrix) {
  Style picture;
  picture.picture = read_fixture("painting_64.png");
  const auto direct = paint({picture}, model_);
  auto weights = describe().tiny_model();
  const torch::NoGradGuard no_grad;
  const auto gram = style_gram(read_network(weights), picture.picture).contiguous();
  weights.tensors.at("gram.first").bytes =
      std::as_bytes(std::span(gram.data_ptr<float>(), static_cast<std::size_t>(gram.numel())));
  write_safetensors(model_, weights);
  EXPECT_TRUE(torch::allclose(direct, paint({learnt("first")}), 1e-5, 1e-6));
}

TEST_F(MsgNetTest, MixesMatricesInsideTheNetwork) {
  const auto first = paint({learnt("first")}), both = paint({learnt("first", 1e6), learnt("second", 1)});
  EXPECT_TRUE(torch::allclose(first, both, 1e-3, 1e-3));
  int runs = 0;
  Inputs inputs;
  inputs.content = photo_;
  inputs.styles = {learnt("first"), learnt("second")};
  inputs.precision = "fp32";
  const auto info = describe();
  info.make(Values(info.options, {}))->run(inputs, [&](const Progress& progress) {
    runs = progress.steps;
    return true;
  });
  EXPECT_EQ(runs, 1);
}

TEST_F(MsgNetTest, SaysWhatIsMissing) {
  Style picture;
  picture.picture = read_fixture("painting_64.png");
  EXPECT_THAT(test::message_of([&] { paint({picture}); }), HasSubstr("add --model MODEL"));
  EXPECT_THAT(test::message_of([&] { paint({learnt("third")}); }), HasSubstr("holds no style \"third\""));
}

TEST(MsgNetTraining, LearnsManyStylesAtOnce) {
  const auto info = describe();
  ASSERT_NE(info.make_training, nullptr);
  EXPECT_EQ(Values(info.training_options, {}).integer("width"), 16);
  EXPECT_THAT(test::message_of([] { painting_network(1, {.width = 0}); }), HasSubstr("width of 1"));
}

}  // namespace
}  // namespace atelier::methods::msg_net
