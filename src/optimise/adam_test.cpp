#include "optimise/adam.h"

#include <gtest/gtest.h>

#include <cmath>

#include "atelier/error.h"

namespace atelier {
namespace {

Tensor curved(const Tensor& x) {
  const auto weights = torch::linspace(1, 5, x.numel(), torch::dtype(x.scalar_type()));
  return (x.square() * weights).sum() + x.sin().sum();
}

Evaluation evaluate(const Tensor& point) {
  const auto x = point.detach().clone().requires_grad_();
  const auto loss = curved(x);
  loss.backward();
  return {loss.item<double>(), x.grad()};
}

TEST(Adam, FirstStepIsTheLearningRateAlongTheSign) {  // bias correction makes m/√v = g/|g|
  Adam optimiser(torch::tensor({1.0, -2.0}, torch::kDouble), {.learning_rate = 0.1});
  const auto result = optimiser.step([](const Tensor&) {
    return Evaluation{7, torch::tensor({3.0, -4.0}, torch::kDouble)};
  });
  EXPECT_EQ(result.loss, 7);
  EXPECT_DOUBLE_EQ(result.gradient_norm, 5);
  EXPECT_TRUE(torch::allclose(optimiser.point(), torch::tensor({0.9, -1.9}, torch::kDouble), 0, 1e-8));
}

TEST(Adam, FollowsTorch) {
  const auto start = torch::linspace(-2, 2, 50, torch::kDouble);
  const auto x = start.clone().requires_grad_();
  torch::optim::Adam reference({x}, torch::optim::AdamOptions(0.05));
  Adam optimiser(start, {.learning_rate = 0.05});
  for (int i = 0; i < 100; ++i) {
    reference.zero_grad();
    curved(x).backward();
    reference.step();
    optimiser.step(evaluate);
  }
  EXPECT_TRUE(torch::allclose(optimiser.point(), x.detach(), 0, 1e-12));
}

TEST(Adam, TakesBackAMoveOutOfTheNumbers) {  // −log(1 − x) has no value from 1 on
  Adam optimiser(torch::full({4}, 0.5, torch::kDouble), {.learning_rate = 2.0});
  int rejected = 0;
  for (int i = 0; i < 20; ++i) {
    const auto result = optimiser.step([](const Tensor& x) {
      return Evaluation{(-3 * x - torch::log(1 - x)).sum().item<double>(), -3 + 1 / (1 - x)};
    });
    EXPECT_TRUE(std::isfinite(result.loss));
    EXPECT_EQ(result.status, StepStatus::kMoved);
    rejected += result.rejected;
  }
  EXPECT_GT(rejected, 0);
  EXPECT_LT(optimiser.learning_rate(), 2.0);
  EXPECT_TRUE(optimiser.point().isfinite().all().item<bool>());
}

TEST(Adam, SaysWhenThereIsNoNumberAtAll) {
  Adam optimiser(torch::ones({3}));
  const auto result = optimiser.step([](const Tensor& x) { return Evaluation{std::nan(""), x.clone()}; });
  EXPECT_EQ(result.status, StepStatus::kNotFinite);
  EXPECT_TRUE(optimiser.point().equal(torch::ones({3})));
}

TEST(Adam, ContinuesBitByBitFromItsState) {
  Adam original(torch::linspace(-1, 1, 12, torch::kFloat));
  for (int i = 0; i < 7; ++i) original.step(evaluate);
  Adam restored(torch::zeros({12}));
  restored.load(original.state());
  for (int i = 0; i < 7; ++i) EXPECT_EQ(original.step(evaluate).loss, restored.step(evaluate).loss);
  EXPECT_TRUE(original.point().equal(restored.point()));
}

TEST(Adam, CarriesItsMomentsToALargerPicture) {
  const auto mean_loss = [](const Tensor& x) {  // gradient per element falls with the number of elements
    return Evaluation{x.square().mean().item<double>(), 2 * x / static_cast<double>(x.numel())};
  };
  Adam optimiser(torch::ones({1, 1, 2, 2}, torch::kDouble), {.learning_rate = 0.01, .epsilon = 1e-12});
  for (int i = 0; i < 5; ++i) optimiser.step(mean_loss);
  Adam small(optimiser);
  small.load(optimiser.state());
  optimiser.resize_state([](const Tensor& t) { return t.repeat_interleave(2, 2).repeat_interleave(2, 3); });
  small.step(mean_loss);
  optimiser.step(mean_loss);
  EXPECT_EQ(optimiser.point().numel(), 16);
  EXPECT_NEAR(optimiser.point().max().item<double>(), small.point().max().item<double>(), 1e-9);
}

TEST(Adam, RefusesBadInput) {
  EXPECT_THROW(Adam(torch::ones({2}), {.learning_rate = 0}), Error);
  EXPECT_THROW(Adam(torch::ones({2}), {.beta1 = 1}), Error);
  EXPECT_THROW(Adam(torch::empty({0})), Error);
  Adam optimiser(torch::ones({2}));
  EXPECT_THROW(optimiser.step([](const Tensor&) { return Evaluation{1, torch::ones({3})}; }), Error);
  EXPECT_THROW(optimiser.load({{torch::ones({2})}, {1, 0, 0}}), Error);
}

}  // namespace
}  // namespace atelier
