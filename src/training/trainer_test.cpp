#include "training/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <limits>

#include "atelier/error.h"
#include "support/weight_files.h"
#include "tensor/weight_tensor.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const auto kGoOn = [](const TrainingProgress&) { return true; };

constexpr auto kNever = std::numeric_limits<std::uint64_t>::max();

/// Brings a number to 0. The step of one seed goes wrong, where that is wanted.
class Falling final : public TrainingTask {
 public:
  explicit Falling(std::uint64_t bad_seed = kNever) : bad_seed_(bad_seed) {}
  explicit Falling(const char* settings) : settings_(settings) {}
  NamedTensors parameters() const override { return {{"x", x_}}; }
  NamedTensors state() const override { return {{"pair", pair_}}; }
  StepResult step(std::uint64_t seed) override {
    const auto loss = x_.square().sum() * (seed == bad_seed_ ? std::numeric_limits<double>::quiet_NaN() : 1.0);
    loss.backward();
    return {loss.item<double>(), {}};
  }
  WeightSet model(const std::vector<Tensor>& averages) const override { return to_weight_set({{"x", averages.at(0)}}); }
  std::string settings() const override { return settings_; }

 private:
  std::uint64_t bad_seed_ = kNever;
  std::string settings_ = "falling";
  Tensor x_ = torch::ones({1}).requires_grad_(true), pair_ = torch::ones({2});
};

/// Learns as it should, until after its fourth update a weight, or only what is made of it for the model, is no longer
/// finite.
class Diverging final : public TrainingTask {
 public:
  explicit Diverging(bool in_model) : in_model_(in_model) {}
  NamedTensors parameters() const override { return {{"x", x_}}; }
  StepResult step(std::uint64_t) override {
    x_.square().sum().backward();
    return {};
  }
  void updated(std::size_t) override {
    if (++updates_ == 4 && !in_model_) x_.detach().fill_(std::numeric_limits<float>::infinity());
  }
  WeightSet model(const std::vector<Tensor>& averages) const override {
    const auto learnt = in_model_ && updates_ >= 4 ? averages.at(0) * 1e6 : averages.at(0);
    return to_weight_set({{"x", learnt.to(torch::kHalf)}});
  }
  std::string settings() const override { return "diverging"; }

 private:
  bool in_model_;
  int updates_ = 0;
  Tensor x_ = torch::ones({1}).requires_grad_(true);
};

class TrainerTest : public testing::Test {
 protected:
  TrainingOptions run(std::int64_t steps, bool resume) const {
    TrainingOptions options;
    options.output = folder_ / "model.safetensors";
    options.steps = steps;
    options.resume = resume;
    options.seed = 0;
    return options;
  }

  std::filesystem::path checkpoint() const { return folder_ / "model.safetensors.checkpoint"; }

  /// What is said of a checkpoint after `change`.
  std::string refusal_after(const std::function<void(WeightSet&)>& change) const {
    Falling first;
    train(first, run(2, false), kGoOn);
    auto saved = read_safetensors(checkpoint());
    change(saved);
    write_safetensors(checkpoint(), saved);
    Falling second;
    return test::message_of([&] { train(second, run(4, true), kGoOn); });
  }

  test::TemporaryFolder folder_;
};

TEST_F(TrainerTest, ARunThatSurvivedAStepThatWasNotFiniteGoesOn) {
  Falling first(2);
  std::string notes;
  train(first, run(4, false), [&](const TrainingProgress& progress) {
    notes += progress.note;
    return true;
  });
  EXPECT_THAT(notes, HasSubstr("was left out"));
  Falling second;
  EXPECT_EQ(train(second, run(6, true), kGoOn).metadata.at("steps"), "6");
}

TEST_F(TrainerTest, SaysWhichNumberOfADamagedCheckpointIsNone) {
  for (const std::string key : {"step", "seconds", "rate_factor"}) {
    for (const auto* value : {"", "many", "3x", "-1", "nan", "inf", "99999999999999999999999999"}) {
      if (key != "step" && std::string(value).starts_with("9")) continue;
      EXPECT_THAT(refusal_after([&](WeightSet& saved) { saved.metadata[key] = value; }),
                  AllOf(HasSubstr("damaged"), HasSubstr(key)))
          << key << " " << value;
    }
    EXPECT_THAT(refusal_after([&](WeightSet& saved) { saved.metadata.erase(key); }),
                AllOf(HasSubstr("damaged"), HasSubstr(key)));
  }
  EXPECT_THAT(refusal_after([](WeightSet& saved) { saved.metadata.erase("history"); }), HasSubstr("\"history\""));
}

TEST_F(TrainerTest, RefusesACheckpointWhoseTensorsAreDamaged) {
  const auto with = [&](const std::string& name, const Tensor& tensor) {
    const auto other = to_weight_set({{name, tensor}});
    return refusal_after([&](WeightSet& saved) {
      saved.tensors[name] = other.at(name);
      keep_alive(saved, other.storage);
    });
  };
  EXPECT_THAT(with("updates", torch::zeros({0}, torch::kLong)), HasSubstr("number of updates"));
  EXPECT_THAT(with("updates", torch::ones({2}, torch::kLong)), HasSubstr("number of updates"));
  EXPECT_THAT(with("updates", torch::ones({}, torch::kDouble)), HasSubstr("number of updates"));
  EXPECT_THAT(with("updates", torch::full({}, -1, torch::kLong)), HasSubstr("number of updates"));
  EXPECT_THAT(with("task/pair", torch::ones({1})), HasSubstr("task/pair has another shape"));
  EXPECT_THAT(refusal_after([](WeightSet& saved) { saved.tensors.erase("updates"); }), HasSubstr("updates"));
}

TEST_F(TrainerTest, WeightsThatAreNotFiniteAreNeverWritten) {
  for (const bool in_model : {false, true}) {
    Diverging task(in_model);
    auto options = run(10, false);
    options.save_every = 2;
    EXPECT_THAT(test::message_of([&] { train(task, options, kGoOn); }),
                AllOf(HasSubstr("has diverged at step 4"), HasSubstr("lower --learning-rate")));
    EXPECT_EQ(read_safetensors(options.output).metadata.at("steps"), "2");
    EXPECT_EQ(read_safetensors(checkpoint()).metadata.at("step"), "2");
  }
  Diverging stopped(false);
  EXPECT_THAT(test::message_of([&] { train(stopped, run(4, false), kGoOn); }), HasSubstr("has diverged"));
}

TEST_F(TrainerTest, RefusesNumbersThatMakeNoSense) {
  Falling task;
  auto options = run(2, false);
  options.learning_rate = std::numeric_limits<double>::infinity();
  EXPECT_THAT(test::message_of([&] { train(task, options, kGoOn); }), HasSubstr("--learning-rate cannot be inf"));
  EXPECT_FALSE(std::filesystem::exists(options.output));
}

TEST_F(TrainerTest, GoesOnWhereSettingsHoldWhatIsNoUtf8) {
  Falling first("an encoder called \xff");
  train(first, run(2, false), kGoOn);
  Falling second("an encoder called \xff");
  EXPECT_EQ(train(second, run(4, true), kGoOn).metadata.at("steps"), "4");
  Falling other("an encoder called x");
  EXPECT_THAT(test::message_of([&] { train(other, run(6, true), kGoOn); }), HasSubstr("other settings"));
}

}  // namespace
}  // namespace atelier
