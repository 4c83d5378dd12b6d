#include "optimise/lbfgs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "atelier/error.h"

namespace atelier {
namespace {

Evaluation by_autograd(const std::function<Tensor(const Tensor&)>& loss, const Tensor& point) {
  const auto x = point.detach().clone().requires_grad_();
  const auto value = loss(x);
  value.backward();
  return {value.item<double>(), x.grad()};
}

Tensor rosenbrock(const Tensor& x) {  // Nocedal & Wright eq. 2.22, summed over neighbours
  const auto head = x.slice(0, 0, -1), tail = x.slice(0, 1);
  return (100 * (tail - head.square()).square() + (1 - head).square()).sum();
}

Objective objective_of(std::function<Tensor(const Tensor&)> loss) {
  return [loss = std::move(loss)](const Tensor& x) { return by_autograd(loss, x); };
}

// ½ xᵀ diag(h) x − bᵀx with condition number 100.
Objective quadratic(std::int64_t size) {
  const auto h = torch::logspace(0, 2, size, 10, torch::kDouble);
  const auto b = torch::linspace(-1, 1, size, torch::kDouble);
  return [h, b](const Tensor& x) {
    const auto hx = h * x;
    return Evaluation{(0.5 * x * hx - b * x).sum().item<double>(), hx - b};
  };
}

TEST(Lbfgs, FirstStepFollowsTheGradientByTheAgreedLength) {  // f = ½x², from 3: trial step 0.01 is extended
  Lbfgs optimiser(torch::full({1}, 3.0, torch::kDouble));
  const auto result = optimiser.step([](const Tensor& x) {
    return Evaluation{0.5 * x.item<double>() * x.item<double>(), x.clone()};
  });
  EXPECT_EQ(result.status, StepStatus::kMoved);
  EXPECT_LT(std::abs(optimiser.point().item<double>()), 3 * 0.9);  // curvature condition: |slope| <= 0.9 of before
  EXPECT_DOUBLE_EQ(result.loss, 0.5 * std::pow(optimiser.point().item<double>(), 2));
}

TEST(Lbfgs, SolvesRosenbrock) {
  Lbfgs optimiser(torch::tensor({-1.2, 1.0}, torch::kDouble));
  int evaluations = 0;
  double loss = 1;
  for (int i = 0; i < 60 && loss > 1e-16; ++i) {
    const auto result = optimiser.step(objective_of(rosenbrock));
    loss = result.loss;
    evaluations += result.evaluations;
  }
  EXPECT_LT(loss, 1e-16);
  EXPECT_TRUE(torch::allclose(optimiser.point(), torch::ones({2}, torch::kDouble), 0, 1e-7));
  EXPECT_LT(evaluations, 80);
}

TEST(Lbfgs, SolvesALargeQuadraticInFewSteps) {
  const auto objective = quadratic(1000);
  Lbfgs optimiser(torch::zeros({1000}, torch::kDouble));
  OptimiserStep result;
  int steps = 0;
  while (steps < 80 && (steps == 0 || result.gradient_norm > 2e-5)) result = optimiser.step(objective), ++steps;
  EXPECT_LT(result.gradient_norm, 2e-5);  // a millionth of the first; conjugate gradients need as many
  const auto h = torch::logspace(0, 2, 1000, 10, torch::kDouble);
  EXPECT_TRUE(torch::allclose(optimiser.point(), torch::linspace(-1, 1, 1000, torch::kDouble) / h, 0, 1e-5));
}

TEST(Lbfgs, LossNeverRises) {
  Lbfgs optimiser(torch::full({20}, -1.0, torch::kFloat));
  double before = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 100; ++i) {
    const auto result = optimiser.step(objective_of(rosenbrock));
    EXPECT_LE(result.loss, before);
    before = result.loss;
    if (result.status == StepStatus::kConverged) break;
  }
  EXPECT_LT(before, 1);  // from 7676
}

int evaluations_of_torch(const Tensor& start, double target) {
  const auto x = start.clone().requires_grad_();
  torch::optim::LBFGS optimiser({x}, torch::optim::LBFGSOptions(1)
                                         .max_iter(300)
                                         .max_eval(2000)
                                         .history_size(10)
                                         .line_search_fn("strong_wolfe")
                                         .tolerance_grad(0)
                                         .tolerance_change(0));
  int count = 0;
  double lowest = std::numeric_limits<double>::infinity();
  optimiser.step([&] {
    optimiser.zero_grad();
    const auto loss = rosenbrock(x);
    loss.backward();
    if (lowest > target) ++count;
    lowest = std::min(lowest, loss.item<double>());
    return loss;
  });
  return count;
}

TEST(Lbfgs, NeedsAboutAsManyEvaluationsAsTorch) {
  const auto start = torch::linspace(-1.5, 1.5, 30, torch::kDouble);
  const double target = 1e-8;
  Lbfgs optimiser(start);
  int evaluations = 0;
  double loss = 1;
  while (loss > target && evaluations < 1000) {
    const auto result = optimiser.step(objective_of(rosenbrock));
    loss = result.loss;
    evaluations += result.evaluations;
  }
  RecordProperty("evaluations", evaluations);
  RecordProperty("torch", evaluations_of_torch(start, target));
  EXPECT_LT(evaluations, 2 * evaluations_of_torch(start, target));
}

TEST(Lbfgs, WalksAroundARegionWithoutNumbers) {  // −log(1 − x) + … has no value from 1 on; minimum at 0.5
  const auto objective = objective_of([](const Tensor& x) { return (-2 * x - torch::log(1 - x)).sum(); });
  LbfgsOptions options;
  options.first_step = 50;
  Lbfgs optimiser(torch::full({7}, -3.0, torch::kDouble), options);
  int rejected = 0;
  for (int i = 0; i < 30; ++i) {
    const auto result = optimiser.step(objective);
    rejected += result.rejected;
    EXPECT_TRUE(std::isfinite(result.loss));
    EXPECT_TRUE(optimiser.point().isfinite().all().item<bool>());
  }
  EXPECT_GT(rejected, 0);
  EXPECT_TRUE(torch::allclose(optimiser.point(), torch::full({7}, 0.5, torch::kDouble), 0, 1e-6));
}

TEST(Lbfgs, SaysWhenThereIsNoNumberAtAll) {
  Lbfgs optimiser(torch::ones({3}));
  const auto result = optimiser.step([](const Tensor& x) { return Evaluation{std::nan(""), x.clone()}; });
  EXPECT_EQ(result.status, StepStatus::kNotFinite);
  EXPECT_EQ(result.rejected, 1);
  EXPECT_TRUE(optimiser.point().equal(torch::ones({3})));
  int calls = 0;
  const auto later = optimiser.step([&](const Tensor& x) {
    return Evaluation{calls++ == 0 ? 1 : std::nan(""), x.clone()};
  });
  EXPECT_EQ(later.status, StepStatus::kNotFinite);
  EXPECT_TRUE(optimiser.point().equal(torch::ones({3})));
}

TEST(Lbfgs, StopsAtTheMinimum) {
  Lbfgs optimiser(torch::zeros({3}));
  const auto result = optimiser.step([](const Tensor& x) { return Evaluation{0, x.clone()}; });
  EXPECT_EQ(result.status, StepStatus::kConverged);
  EXPECT_EQ(result.evaluations, 1);
}

TEST(Lbfgs, ContinuesBitByBitFromItsState) {
  const auto objective = objective_of(rosenbrock);
  Lbfgs original(torch::linspace(-1, 1, 12, torch::kFloat));
  for (int i = 0; i < 15; ++i) original.step(objective);
  Lbfgs restored(torch::zeros({12}));
  restored.load(original.state());
  EXPECT_EQ(restored.pairs(), 10);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(original.step(objective).loss, restored.step(objective).loss);
  EXPECT_TRUE(original.point().equal(restored.point()));
}

// A smooth picture wanted at any size: the loss is a mean, so it does not grow with the picture.
Objective smooth_fit(std::int64_t size) {
  const auto target = torch::linspace(0, 3, size, torch::kDouble).sin().expand({1, 1, size, size}).contiguous();
  return objective_of([target](const Tensor& x) {
    const auto slope = x.slice(3, 1) - x.slice(3, 0, -1);
    return (x - target).square().mean() + (x.exp() - target.exp()).square().mean() + slope.square().mean();
  });
}

TEST(Lbfgs, CarriesWhatItLearntToALargerPicture) {
  Lbfgs optimiser(torch::zeros({1, 1, 8, 8}, torch::kDouble));
  for (int i = 0; i < 12; ++i) optimiser.step(smooth_fit(8));
  const auto pairs = optimiser.pairs();
  optimiser.resize_state([](const Tensor& t) { return t.repeat_interleave(2, 2).repeat_interleave(2, 3); });
  EXPECT_EQ(optimiser.point().sizes(), (std::vector<std::int64_t>{1, 1, 16, 16}));
  EXPECT_EQ(optimiser.pairs(), pairs);
  const auto result = optimiser.step(smooth_fit(16));
  EXPECT_EQ(result.status, StepStatus::kMoved);
  EXPECT_EQ(result.step, 1.0);  // the carried curvature gives the right length at once
}

TEST(Lbfgs, RefusesBadInput) {
  EXPECT_THROW(Lbfgs{Tensor()}, Error);
  EXPECT_THROW(Lbfgs(torch::full({2}, std::nanf(""))), Error);
  EXPECT_THROW(Lbfgs(torch::ones({2}), LbfgsOptions{.history = 0}), Error);
  Lbfgs optimiser(torch::ones({2}));
  EXPECT_THROW(optimiser.step([](const Tensor&) { return Evaluation{1, torch::ones({3})}; }), Error);
  EXPECT_THROW(optimiser.load({{torch::ones({2})}, {2, 0, 0}}), Error);
  EXPECT_THROW(optimiser.load({{torch::ones({2}), torch::ones({3}), torch::ones({2})}, {1, 0, 0}}), Error);
}

}  // namespace
}  // namespace atelier
