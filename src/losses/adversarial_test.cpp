#include "losses/adversarial.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "support/numeric_gradient.h"
#include "support/tolerance.h"

namespace atelier::losses {
namespace {

const Adversarial kAll[] = {Adversarial::kBce, Adversarial::kLsgan, Adversarial::kWgan, Adversarial::kHinge};

Tensor verdicts() { return torch::tensor({-2.0, 0.5, 3.0}, torch::kDouble).reshape({3, 1, 1, 1}); }

double value(const Tensor& loss) { return loss.item<double>(); }

TEST(AdversarialLoss, MatchesValuesByHand) {
  const auto v = verdicts();
  EXPECT_NEAR(value(critic_loss_on_real(Adversarial::kLsgan, v)), (9 + 0.25 + 4) / 3, 1e-12);
  EXPECT_NEAR(value(critic_loss_on_made(Adversarial::kLsgan, v)), (4 + 0.25 + 9) / 3, 1e-12);
  EXPECT_NEAR(value(critic_loss_on_real(Adversarial::kWgan, v)), -0.5, 1e-12);
  EXPECT_NEAR(value(critic_loss_on_made(Adversarial::kWgan, v)), 0.5, 1e-12);
  EXPECT_NEAR(value(critic_loss_on_real(Adversarial::kHinge, v)), (3 + 0.5 + 0) / 3, 1e-12);
  EXPECT_NEAR(value(critic_loss_on_made(Adversarial::kHinge, v)), (0 + 1.5 + 4) / 3, 1e-12);
  EXPECT_NEAR(value(generator_loss(Adversarial::kHinge, v)), -0.5, 1e-12);
}

TEST(AdversarialLoss, CrossEntropyIsThatOfTheSigmoid) {
  const auto v = verdicts(), p = torch::sigmoid(v);
  EXPECT_NEAR(value(critic_loss_on_real(Adversarial::kBce, v)), value(-p.log().mean()), 1e-12);
  EXPECT_NEAR(value(critic_loss_on_made(Adversarial::kBce, v)), value(-(1 - p).log().mean()), 1e-12);
  EXPECT_NEAR(value(generator_loss(Adversarial::kBce, v)), value(-p.log().mean()), 1e-12);
  const auto sure = torch::full({1}, 1000.0);
  EXPECT_TRUE(std::isfinite(value(critic_loss_on_made(Adversarial::kBce, sure))));
}

TEST(AdversarialLoss, GradientsMatchFiniteDifferences) {
  for (const auto kind : kAll) {
    EXPECT_LT(gradient_error([&](const Tensor& v) { return critic_loss_on_real(kind, v); }, verdicts()),
              kGradientTolerance);
    EXPECT_LT(gradient_error([&](const Tensor& v) { return critic_loss_on_made(kind, v); }, verdicts()),
              kGradientTolerance);
    EXPECT_LT(gradient_error([&](const Tensor& v) { return generator_loss(kind, v); }, verdicts()), kGradientTolerance);
  }
}

TEST(AdversarialLoss, PullsVerdictsTheRightWay) {
  for (const auto kind : kAll) {
    const auto at = [](double v) { return torch::full({4}, v, torch::kDouble); };
    EXPECT_LT(value(critic_loss_on_real(kind, at(0.9))), value(critic_loss_on_real(kind, at(0.1))));
    EXPECT_GT(value(critic_loss_on_made(kind, at(0.9))), value(critic_loss_on_made(kind, at(0.1))));
    EXPECT_LT(value(generator_loss(kind, at(0.9))), value(generator_loss(kind, at(0.1))));
  }
}

TEST(AdversarialLoss, CountsRightVerdicts) {
  const auto v = torch::tensor({-1.0, 0.2, 0.8, 2.0});
  EXPECT_DOUBLE_EQ(critic_accuracy(Adversarial::kBce, v, v), (0.75 + 0.25) / 2);
  EXPECT_DOUBLE_EQ(critic_accuracy(Adversarial::kLsgan, v, v - 10), (0.5 + 1) / 2);
}

TEST(AdversarialLoss, NamesReadBack) {
  for (std::size_t i = 0; i < adversarial_names().size(); ++i)
    EXPECT_EQ(parse_adversarial(adversarial_names()[i]), kAll[i]);
  EXPECT_THROW(parse_adversarial("gan"), Error);
}

TEST(GradientPenalty, OfALinearCriticIsItsWeightsNormLessOne) {
  const auto weight = torch::tensor({3.0, 4.0, 12.0}).reshape({1, 3, 1, 1});  // norm 13, at each of two pixels
  const auto critic = [&](const Tensor& x) { return (x * weight).sum({1, 2, 3}); };
  const auto penalty = gradient_penalty(critic, torch::rand({2, 3, 1, 2}), torch::rand({2, 3, 1, 2}), 1);
  EXPECT_NEAR(value(penalty), std::pow(13 * std::sqrt(2.0) - 1, 2), 1e-3);
}

TEST(GradientPenalty, ACriticOfPatchesGivesTheMeanOfItsVerdicts) {
  // A verdict for each of four pixels: the mean has the gradient ½ by each, which is 1 long.
  const auto slope = [](const Tensor& x) { return 2 * x; };
  const auto penalty = gradient_penalty(slope, torch::rand({3, 1, 2, 2}), torch::rand({3, 1, 2, 2}), 1);
  EXPECT_NEAR(value(penalty), 0.0, 1e-5);
}

TEST(GradientPenalty, GradientInTheCriticMatchesFiniteDifferences) {
  torch::manual_seed(3);
  const auto real = torch::rand({2, 3, 4, 4}, torch::kDouble), made = torch::rand({2, 3, 4, 4}, torch::kDouble);
  const auto penalty = [&](const Tensor& weight) {
    const torch::AutoGradMode on(true);  // finite differences switch it off
    const auto critic = [&](const Tensor& x) { return torch::conv2d(x, weight).tanh().square(); };
    return gradient_penalty(critic, real, made, 5);
  };
  EXPECT_LT(gradient_error(penalty, torch::randn({2, 3, 3, 3}, torch::kDouble)), kGradientTolerance);
}

TEST(GradientPenalty, LooksBetweenThePicturesAndRepeats) {
  std::vector<Tensor> seen;
  const auto critic = [&](const Tensor& x) {
    seen.push_back(x.detach());
    return x.square().sum({1, 2, 3});
  };
  const auto real = torch::ones({3, 1, 2, 2}), made = torch::zeros({3, 1, 2, 2});
  gradient_penalty(critic, real, made, 9);
  gradient_penalty(critic, real, made, 9);
  EXPECT_TRUE(seen[0].equal(seen[1]));
  EXPECT_GE(seen[0].min().item<float>(), 0);
  EXPECT_LE(seen[0].max().item<float>(), 1);
  EXPECT_TRUE(seen[0].equal(seen[0].slice(2, 0, 1).slice(3, 0, 1).expand_as(seen[0])));  // one share per picture
}

TEST(GradientPenalty, RefusesPicturesOfAnotherShape) {
  const auto critic = [](const Tensor& x) { return x; };
  EXPECT_THROW(gradient_penalty(critic, torch::rand({1, 3, 4, 4}), torch::rand({2, 3, 4, 4}), 1), Error);
}

}  // namespace
}  // namespace atelier::losses
