#pragma once
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "encoders/random_chain.h"
#include "support/weight_files.h"
#include "training/style_training.h"
#include "training/trainer.h"
#include "weights/safetensors.h"

/// What tests of trainings share.
namespace atelier::test {

inline std::vector<Tensor> values_of(const TrainingTask& task) {
  std::vector<Tensor> all;
  for (const auto& [name, tensor] : task.parameters()) all.push_back(tensor.detach().clone());
  return all;
}

/// A step against the gradient that by the first order takes `share` of the loss away takes away half as much at least
/// and half as much again at most.
inline void expect_gradient_leads_down(TrainingTask& task, double share) {
  constexpr std::int64_t kBatch = 5;
  const double before = task.step(kBatch).loss;
  double squares = 0;
  for (const auto& [name, tensor] : task.parameters()) squares += tensor.grad().square().sum().item<double>();
  ASSERT_GT(squares, 0);
  {
    const torch::NoGradGuard no_grad;
    for (auto& [name, tensor] : task.parameters()) {
      Tensor(tensor).sub_(tensor.grad() * (share * before / squares));
      Tensor(tensor).mutable_grad() = Tensor();
    }
  }
  EXPECT_NEAR(before - task.step(kBatch).loss, share * before, share * before / 2);
}

/// A whole training in a second: a random loss network, one photo of the fixtures, two paintings of noise.
class StyleLessons : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_ / "photos");
    std::filesystem::copy_file(std::filesystem::path(ATELIER_FIXTURES) / "photo_128.png", folder_ / "photos/a.png");
    write_safetensors(folder_ / "encoder.safetensors",
                      write_chain(random_chain({1, 1, 1, 2, 1}, {4, 6, 8, 8, 8}), false));
    torch::manual_seed(11);
    for (const auto* name : {"first", "second"}) styles_.push_back({name, torch::rand({1, 3, 64, 80})});
  }

  StyleTrainingOptions task(const std::string& method, std::int64_t crop = 64) const {
    StyleTrainingOptions options;
    options.photos = {folder_ / "photos"};
    options.method = method;
    options.batch = 2;
    options.crop = crop;
    options.encoder = (folder_ / "encoder.safetensors").string();
    options.bf16 = false;
    return options;
  }

  TrainingOptions run(const std::string& name, std::int64_t steps) const {
    TrainingOptions options;
    options.output = folder_ / (name + ".safetensors");
    options.preview = folder_ / (name + ".png");
    options.steps = steps;
    options.warm_up = 0;
    options.learning_rate = 1e-2;
    return options;
  }

  /// A run that is stopped in the middle and goes on in a task made anew ends as one that is not.
  void expect_resumes(const Network& network, const std::vector<StyleToLearn>& styles,
                      const StyleTrainingOptions& settings) const {
    constexpr std::int64_t kSteps = 8, kStop = 3;
    StyleTraining whole(network, styles, settings), first(network, styles, settings), second(network, styles, settings);
    const auto go_on = [](const TrainingProgress&) { return true; };
    train(whole, run("whole", kSteps), go_on);
    auto parts = run("parts", kSteps);
    train(first, parts, [](const TrainingProgress& progress) { return progress.step < kStop; });
    parts.resume = true;
    train(second, parts, go_on);
    const auto a = read_safetensors(folder_ / "whole.safetensors"), b = read_safetensors(parts.output);
    for (const auto& [name, tensor] : a.tensors)
      EXPECT_TRUE(std::equal(tensor.bytes.begin(), tensor.bytes.end(), b.at(name).bytes.begin())) << name;
  }

  const TemporaryFolder folder_;
  std::vector<StyleToLearn> styles_;
};

}  // namespace atelier::test
