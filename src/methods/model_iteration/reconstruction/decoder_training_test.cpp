#include "methods/model_iteration/reconstruction/decoder_training.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <filesystem>

#include "atelier/error.h"
#include "support/fixtures.h"
#include "support/training_checks.h"
#include "weights/safetensors.h"

namespace atelier::reconstruction {
namespace {

class DecoderTrainingTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::copy_file(fixture("photo_128.png"), folder_ / "photo.png");
    inputs_.photos = {folder_.path()};
    inputs_.styles = {{"painting", read_fixture("painting_64.png")}};
    inputs_.bf16 = false;
    settings_.method = "wct";
    settings_.tap = "relu1_1";
    settings_.batch = 2;
    settings_.crop = 64;
  }

  const test::TemporaryFolder folder_;
  TrainingInputs inputs_;
  DecoderTrainingSettings settings_;
};

TEST_F(DecoderTrainingTest, AStepDownTheGradientLowersTheLoss) {
  for (const double transferred : {0.0, 0.5}) {
    SCOPED_TRACE(transferred);
    settings_.transferred = transferred;
    settings_.style_weight = transferred;
    DecoderTraining task(settings_, inputs_);
    test::expect_gradient_leads_down(task, 0.02);
  }
}

TEST_F(DecoderTrainingTest, BatchesFollowFromTheSeed) {
  DecoderTraining a(settings_, inputs_), b(settings_, inputs_);
  EXPECT_EQ(a.step(3).loss, b.step(3).loss);
  EXPECT_NE(a.step(4).loss, b.step(5).loss);
}

TEST_F(DecoderTrainingTest, StartsFromAModelAndKeepsItsOtherDecoders) {
  const auto file = (folder_ / "first.safetensors").string();
  DecoderTraining first(settings_, inputs_);
  write_safetensors(file, first.model(test::values_of(first)));
  settings_.tap = "relu2_1";
  settings_.start = file;
  const DecoderTraining second(settings_, inputs_);
  const auto network = read_network(second.model(test::values_of(second)));
  EXPECT_EQ(decoder_taps(network), (std::vector<std::string>{"relu2_1", "relu1_1"}));
  const auto kept = network.parameters.at("relu1_1.conv1_1.weight"),
             taken = network.parameters.at("relu2_1.conv1_1.weight");
  EXPECT_TRUE(kept.equal(taken));
}

TEST_F(DecoderTrainingTest, PreviewsPhotosAndTheirDecoding) {
  const DecoderTraining task(settings_, inputs_);
  EXPECT_EQ(task.preview(test::values_of(task)).sizes(), (at::IntArrayRef{1, 3, 2 * 192, 5 * 192}));
}

TEST_F(DecoderTrainingTest, RefusesWhatCannotBeTrained) {
  settings_.crop = 65;
  EXPECT_THROW(DecoderTraining(settings_, inputs_), Error);
  settings_.crop = 64;
  settings_.transferred = 1;
  inputs_.styles.clear();
  EXPECT_THROW(DecoderTraining(settings_, inputs_), Error);
}

}  // namespace
}  // namespace atelier::reconstruction
