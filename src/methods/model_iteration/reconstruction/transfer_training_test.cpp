#include "methods/model_iteration/reconstruction/transfer_training.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <filesystem>

#include "atelier/error.h"
#include "support/fixtures.h"
#include "support/training_checks.h"
#include "weights/safetensors.h"

namespace atelier::reconstruction {
namespace {

class TransferTrainingTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::copy_file(fixture("photo_128.png"), folder_ / "photo.png");
    inputs_.photos = {folder_.path()};
    inputs_.styles = {{"painting", read_fixture("painting_64.png")}};
    inputs_.bf16 = false;
    settings_.method = "ost";
    settings_.taps = {"relu2_1", "relu1_1"};
    settings_.decoder.residual_blocks = 1;
    settings_.batch = 2;
    settings_.crop = settings_.style_crop = 64;
    settings_.balance = 0;
  }

  const test::TemporaryFolder folder_;
  TrainingInputs inputs_;
  TransferTrainingSettings settings_;
};

TEST_F(TransferTrainingTest, AStepDownTheGradientLowersTheLoss) {
  TransferTraining task(settings_, inputs_);
  test::expect_gradient_leads_down(task, 0.01);
}

TEST_F(TransferTrainingTest, WhatIsPaintedSmallIsJudgedEnlarged) {
  const auto loss = [this] { return TransferTraining(settings_, inputs_).step(3).loss; };
  const double large = loss();
  settings_.paint_scale = 0.5;
  const double small = loss();
  EXPECT_NE(small, large);
  settings_.grid_weight = 10;
  EXPECT_GT(loss(), small);
  TransferTraining task(settings_, inputs_);
  test::expect_gradient_leads_down(task, 0.01);
}

TEST_F(TransferTrainingTest, RunsFromBeforeTheGridAndThePaintScaleGoOn) {
  EXPECT_EQ(settings_.text().find("grid_weight"), std::string::npos);
  EXPECT_EQ(settings_.text().find("paint_scale"), std::string::npos);
  settings_.grid_weight = 1;
  settings_.paint_scale = 0.5;
  EXPECT_NE(settings_.text().find("grid_weight"), std::string::npos);
  EXPECT_NE(settings_.text().find("paint_scale"), std::string::npos);
}

TEST_F(TransferTrainingTest, BatchesFollowFromTheSeed) {
  TransferTraining a(settings_, inputs_), b(settings_, inputs_);
  EXPECT_EQ(a.step(3).loss, b.step(3).loss);
  EXPECT_NE(a.step(4).loss, b.step(5).loss);
}

TEST_F(TransferTrainingTest, TheContentWeightFollowsTheBalance) {
  settings_.balance = 0.5;
  TransferTraining task(settings_, inputs_);
  const auto weight = task.state().at(0).second;
  const double before = weight.item<double>();
  const auto told = task.step(1).terms;
  const double ratio = told.at("content") / told.at("style");
  const double wanted = told.at("style") > 1 ? before : before * std::pow(ratio / 0.5, 0.02);
  EXPECT_NEAR(weight.item<double>(), wanted, 1e-6);
}

TEST_F(TransferTrainingTest, StartsFromAnEarlierModel) {
  const TransferTraining first(settings_, inputs_);
  const auto file = (folder_ / "first.safetensors").string();
  write_safetensors(file, first.model(test::values_of(first)));
  settings_.start = file;
  inputs_.seed = 2;
  const TransferTraining second(settings_, inputs_);
  const auto a = test::values_of(first), b = test::values_of(second);
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(torch::allclose(a[i], b[i], 1e-2, 1e-3)) << i;
}

TEST_F(TransferTrainingTest, PreviewsPaintingPhotoAndResult) {
  const TransferTraining task(settings_, inputs_);
  EXPECT_EQ(task.preview(test::values_of(task)).sizes(), (at::IntArrayRef{1, 3, 3 * 256, 5 * 256}));
}

TEST_F(TransferTrainingTest, RefusesWhatCannotBeTrained) {
  settings_.style_crop = 65;
  EXPECT_THROW(TransferTraining(settings_, inputs_), Error);
  settings_.style_crop = 64;
  settings_.paint_scale = 0.4;  // 16 pixels
  EXPECT_THROW(TransferTraining(settings_, inputs_), Error);
  settings_.paint_scale = 1;
  inputs_.styles.clear();
  EXPECT_THROW(TransferTraining(settings_, inputs_), Error);
}

}  // namespace
}  // namespace atelier::reconstruction
