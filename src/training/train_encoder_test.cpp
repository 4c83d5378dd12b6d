#include "training/train_encoder.h"

#include <gtest/gtest.h>
#include <torch/torch.h>
#include <unistd.h>

#include <functional>
#include <limits>

#include "atelier/error.h"
#include "encoders/conv_chain.h"
#include "encoders/random_chain.h"
#include "training/adam_average.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

/// Two tiny "teachers" and the test pictures as data: the whole trainer in a second.
class TrainEncoder : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              ("train" + std::to_string(::getpid()) + testing::UnitTest::GetInstance()->current_test_info()->name());
    for (const auto* kind : {"photos", "paintings"}) fs::create_directories(folder_ / kind);
    const fs::path fixtures = ATELIER_FIXTURES;
    fs::copy_file(fixtures / "photo_128.png", folder_ / "photos/a.png");
    fs::copy_file(fixtures / "painting_128.png", folder_ / "paintings/a.png");
    write_safetensors(folder_ / "front.safetensors", write_chain(random_chain({2, 2, 1}, {6, 8, 10}, 1), false));
    write_safetensors(folder_ / "deep.safetensors",
                      write_chain(random_chain({1, 1, 1, 2, 1}, {4, 6, 8, 10, 12}, 2), false));
  }
  void TearDown() override { fs::remove_all(folder_); }

  EncoderTrainingOptions task() const {
    EncoderTrainingOptions options;
    options.photos = {folder_ / "photos"};
    options.paintings = {folder_ / "paintings"};
    options.teacher_front = folder_ / "front.safetensors";
    options.teacher_deep = folder_ / "deep.safetensors";
    options.batch = 2;
    options.crop = 48;
    options.shape = {{1, 1, 1, 2, 1}, {4, 6, 8, 8, 8}};
    options.bf16 = false;
    return options;
  }

  TrainingOptions run(const std::string& name) const {
    TrainingOptions options;
    options.output = folder_ / (name + ".safetensors");
    options.steps = 12;
    options.save_every = 100;
    return options;
  }

  fs::path folder_;
};

const auto kGoOn = [](const TrainingProgress&) { return true; };

TEST_F(TrainEncoder, LowersTheLossAndWritesAnEncoder) {
  auto wanted = run("plain");
  wanted.steps = 60;
  wanted.learning_rate = 1e-2;
  std::vector<double> losses;
  train_encoder(task(), wanted, [&](const TrainingProgress& progress) {
    losses.push_back(progress.result.loss);
    EXPECT_EQ(progress.result.terms.size(), compact_taps().size());
    return true;
  });
  const auto mean = [&](std::size_t from) {
    return (losses[from] + losses[from + 1] + losses[from + 2] + losses[from + 3]) / 4;
  };
  EXPECT_LT(mean(56), mean(0));
  const auto chain = read_chain(read_safetensors(wanted.output), InputConvention::kStored);
  EXPECT_EQ(chain.channels("relu4_2"), 8);
}

TEST_F(TrainEncoder, AnInterruptedRunEndsAsAWholeOne) {
  train_encoder(task(), run("whole"), kGoOn);
  auto parts = run("parts");
  train_encoder(task(), parts, [](const TrainingProgress& progress) { return progress.step < 5; });
  parts.resume = true;
  train_encoder(task(), parts, kGoOn);
  const auto a = read_safetensors(run("whole").output), b = read_safetensors(parts.output);
  for (const auto& [name, tensor] : a.tensors)
    EXPECT_TRUE(std::equal(tensor.bytes.begin(), tensor.bytes.end(), b.at(name).bytes.begin())) << name;
}

TEST_F(TrainEncoder, RefusesToContinueAnotherRun) {
  auto wanted = run("other");
  train_encoder(task(), wanted, [](const TrainingProgress&) { return false; });
  wanted.resume = true;
  auto other = task();
  other.batch = 4;
  EXPECT_THROW(train_encoder(other, wanted, kGoOn), Error);
}

TEST_F(TrainEncoder, NamesTheOptionThatMakesNoSense) {
  const auto refusal = [&](const std::function<void(EncoderTrainingOptions&)>& change) -> std::string {
    auto wanted = task();
    change(wanted);
    try {
      train_encoder(wanted, run("bad"), kGoOn);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  for (const std::int64_t batch : {-1, 0, 1, 1025})
    EXPECT_EQ(refusal([&](auto& wanted) { wanted.batch = batch; }),
              "--batch cannot be " + std::to_string(batch) + "; give a whole number from 2 to 1024");
  for (const std::int64_t crop : {-16, 0, 50, 4096})
    EXPECT_EQ(refusal([&](auto& wanted) { wanted.crop = crop; }),
              "--crop cannot be " + std::to_string(crop) + "; give a multiple of 16 from 32 to 2048");
  for (const double weight : {-0.1, std::numeric_limits<double>::quiet_NaN(), 1e30})
    EXPECT_EQ(refusal([&](auto& wanted) { wanted.decorrelation = weight; }),
              "--decorrelation must be a number from 0 to 1000000");
}

TEST_F(TrainEncoder, RefusesEmptyFoldersAndOddCrops) {
  auto wanted = task();
  wanted.crop = 50;
  EXPECT_THROW(train_encoder(wanted, run("bad"), kGoOn), Error);
  wanted = task();
  fs::create_directories(folder_ / "empty");
  wanted.photos = {folder_ / "empty"};
  EXPECT_THROW(train_encoder(wanted, run("bad"), kGoOn), Error);
}

TEST(AdamAverage, TheFirstUpdateIsTheRateAgainstTheGradientsSign) {
  auto x = torch::tensor({1.0F, -2.0F}).requires_grad_(true);
  AdamAverage optimiser({{"x", x}});
  (x * torch::tensor({3.0F, -0.5F})).sum().backward();
  EXPECT_TRUE(optimiser.step(0.1, 1e9));
  EXPECT_NEAR(x[0].item<float>(), 0.9, 1e-5);
  EXPECT_NEAR(x[1].item<float>(), -1.9, 1e-5);
}

TEST(AdamAverage, WeightDecayTakesItsShareOfKernelsAlone) {
  const auto kernel = torch::full({1, 1, 1, 1}, 2.0F).requires_grad_(true),
             bias = torch::full({1}, 2.0F).requires_grad_(true),
             scales = torch::full({1, 1}, 2.0F).requires_grad_(true);
  AdamAverage optimiser({{"kernel", kernel}, {"bias", bias}, {"scales", scales}});
  optimiser.set_weight_decay(0.5);
  (kernel.sum() + bias.sum() + scales.sum()).backward();
  optimiser.step(0.1);
  EXPECT_NEAR(kernel.item<double>(), 2 - 0.1 * 0.5 * 2 - 0.1, 1e-6);
  EXPECT_NEAR(bias.item<double>(), 2 - 0.1, 1e-6);
  EXPECT_NEAR(scales.item<double>(), 2 - 0.1, 1e-6);
}

TEST(AdamAverage, RatesDifferByParameter) {
  auto x = torch::tensor({1.0F}).requires_grad_(true), y = torch::tensor({1.0F}).requires_grad_(true);
  AdamAverage optimiser({{"x", x}, {"y", y}});
  optimiser.set_rate_factors([](const std::string& name) { return name == "y" ? 3.0 : 1.0; });
  (x + y).sum().backward();
  EXPECT_TRUE(optimiser.step(0.1, 1e9));
  EXPECT_NEAR(x.item<float>(), 0.9, 1e-5);
  EXPECT_NEAR(y.item<float>(), 0.7, 1e-5);
}

TEST(AdamAverage, AnInfiniteGradientChangesNothing) {
  auto x = torch::tensor({1.0F}).requires_grad_(true);
  AdamAverage optimiser({{"x", x}});
  (x * std::numeric_limits<float>::infinity()).sum().backward();
  EXPECT_FALSE(optimiser.step(0.1));
  EXPECT_EQ(x.item<float>(), 1.0F);
}

}  // namespace
}  // namespace atelier
