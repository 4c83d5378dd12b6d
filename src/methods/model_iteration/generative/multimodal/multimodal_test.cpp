#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <filesystem>

#include "methods/method.h"
#include "methods/model_iteration/generative/multimodal/network.h"
#include "methods/model_iteration/generative/multimodal/train.h"
#include "support/fixtures.h"
#include "support/weight_files.h"
#include "tensor/resize.h"
#include "weights/safetensors.h"

namespace atelier::methods::multimodal {

MethodInfo describe();

namespace {

using testing::HasSubstr;

const Shape kSmall{.width = 2, .blocks = 1, .edge_kernel = 3};

TEST(MultimodalNetwork, EachSubnetDoublesTheSize) {
  const auto network = hierarchical_network(1, kSmall);
  const auto values = node_values(network, {{"picture", torch::rand({1, 3, 8, 12})}}, subnet_outputs());
  EXPECT_EQ(values[0].sizes(), (at::IntArrayRef{1, 3, 8, 12}));
  EXPECT_EQ(values[1].sizes(), (at::IntArrayRef{1, 3, 16, 24}));
  EXPECT_EQ(values[2].sizes(), (at::IntArrayRef{1, 3, 32, 48}));
}

TEST(MultimodalNetwork, HasTheLayersOfThePaper) {
  const auto network = hierarchical_network(1);
  const auto sizes = [&](const char* name) { return network.parameters.at(name).sizes(); };
  EXPECT_EQ(sizes("style_colour_in.weight"), (at::IntArrayRef{32, 3, 9, 9}));
  EXPECT_EQ(sizes("style_luminance_in.weight"), (at::IntArrayRef{32, 1, 9, 9}));
  EXPECT_EQ(sizes("style_luminance_block3_1.weight"), (at::IntArrayRef{128, 128, 3, 3}));
  EXPECT_EQ(sizes("style_block3_2.weight"), (at::IntArrayRef{256, 256, 3, 3}));
  EXPECT_EQ(sizes("enhance_down3.weight"), (at::IntArrayRef{128, 128, 3, 3}));
  EXPECT_EQ(sizes("refine_up1.weight"), (at::IntArrayRef{32, 64, 3, 3}));
  EXPECT_FALSE(network.parameters.contains("refine_down3.weight"));
}

TEST(MultimodalNetwork, TheLuminanceBranchIsBlindToColour) {
  const auto network = hierarchical_network(1, kSmall);
  const auto red = torch::tensor({1.F, 0.F, 0.F}).reshape({1, 3, 1, 1}).expand({1, 3, 8, 8});
  const auto grey = node_values(network, {{"picture", red}}, {"luminance"}).front();
  EXPECT_TRUE(torch::allclose(grey, torch::full({1, 1, 8, 8}, 0.299F)));
}

TEST(MultimodalNetwork, FinerSubnetsStartNearTheEnlargedPicture) {
  const torch::NoGradGuard no_grad;
  const auto network = hierarchical_network(1, kSmall);
  const auto values = node_values(network, {{"picture", torch::rand({1, 3, 8, 8})}}, subnet_outputs());
  const auto enlarged = torch::upsample_bilinear2d(values[1], at::IntArrayRef{32, 32}, false);
  EXPECT_LT((values[2] - enlarged).abs().mean().item<float>(), 0.5);
}

class MultimodalTest : public testing::Test {
 protected:
  Tensor paint(const Tensor& photo, const std::string& base) const {
    Inputs inputs;
    inputs.content = photo;
    inputs.styles.resize(1);
    inputs.styles[0].model = model_;
    inputs.precision = "fp32";
    const auto info = describe();
    return info.make(Values(info.options, {{"base", base}}))->run(inputs, {});
  }

  void SetUp() override { write_safetensors(model_, describe().tiny_model()); }
  test::TemporaryFolder folder_;
  std::string model_ = (folder_ / "model.safetensors").string();
};

TEST_F(MultimodalTest, PaintsFromASmallCopyOfThePhoto) {
  const auto photo = read_fixture("photo_64.png");
  const auto painted = run_network(hierarchical_network(1, kSmall), {{"picture", resize_picture(photo, 16, 16)}});
  EXPECT_TRUE(torch::allclose(paint(photo, "16"), painted.clamp(0, 1), 1e-4, 1e-4));
  EXPECT_GT((paint(photo, "16") - paint(photo, "32")).abs().max().item<float>(), 1e-3);
}

TEST_F(MultimodalTest, TheFirstSubnetGrowsWithPhotosThatNeedIt) {
  const auto photo = torch::rand({1, 3, 96, 64});
  EXPECT_TRUE(paint(photo, "16").equal(paint(photo, "24")));
}

TEST(MultimodalTraining, WeighsTheThreeSizes) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directories(folder / "photos");
  std::filesystem::copy_file(fixture("photo_128.png"), folder / "photos/a.png");
  const TrainingInputs inputs{{folder / "photos"}, {{"style", torch::rand({1, 3, 256, 256})}}, "compact", false, 1};
  const auto info = describe();
  const Values values(info.training_options, {{"width", "4"}, {"blocks", "0"}, {"edge-kernel", "3"}, {"crop", "64"}});
  const auto task = info.make_training(values, inputs);
  EXPECT_EQ(task->state().front().second.size(0), 3);
  const auto result = task->step(1);
  EXPECT_GT(result.loss, 0);
  for (const auto& [name, tensor] : task->parameters()) {
    EXPECT_NE(name, "luminance.weight");
    EXPECT_TRUE(tensor.grad().defined()) << name;
  }
  auto two = inputs;
  two.styles.push_back({"other", torch::rand({1, 3, 64, 64})});
  EXPECT_THAT(test::message_of([&] { info.make_training(values, two); }), HasSubstr("one style per network"));
}

}  // namespace
}  // namespace atelier::methods::multimodal
