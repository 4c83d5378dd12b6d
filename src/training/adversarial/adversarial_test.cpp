// The parts of adversarial training, and a whole game between two tiny networks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "support/numeric_gradient.h"
#include "support/same_tensors.h"
#include "support/tolerance.h"
#include "support/weight_files.h"
#include "tensor/weight_tensor.h"
#include "training/adversarial/adversarial_training.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

using losses::Adversarial;

Network small_critic(Edge edge = Edge::kZero, bool norm = true) {
  NetworkBuilder build(3);
  auto x = build.conv("first", build.input("picture"), 3, 4, 3, {.stride = 2, .edge = edge});
  if (norm) x = build.instance_norm("norm", x, 4);
  x = build.apply("leaky", Op::kLeakyRelu, {x}, 0.2);
  build.conv("last", x, 4, 1, 3, {.edge = edge});
  return build.build();
}

Network small_generator() {
  NetworkBuilder build(4);
  auto x = build.conv("first", build.input("picture"), 3, 4, 3);
  x = build.apply("relu", Op::kRelu, {build.batch_norm("norm", x, 4)});
  x = build.apply("dropped", Op::kDropout, {x}, 0.3);
  build.apply("painted", Op::kSigmoid, {build.conv("last", x, 4, 3, 3)});
  return build.build();
}

double largest_singular_value(const Tensor& weight) {
  return std::get<1>(torch::svd(weight.detach().flatten(1).to(torch::kDouble))).max().item<double>();
}

TEST(SpectralNorm, MakesTheLargestSingularValueOne) {
  auto network = small_critic();
  network.parameters.at("first.weight") *= 7;
  SpectralNorm norm(network, 1);
  Network result;
  for (int i = 0; i < 50; ++i) result = norm.normalised(network, true);
  EXPECT_NEAR(largest_singular_value(result.parameters.at("first.weight")), 1, 1e-4);
  EXPECT_NEAR(largest_singular_value(result.parameters.at("last.weight")), 1, 1e-4);
  EXPECT_TRUE(result.parameters.at("first.bias").is_same(network.parameters.at("first.bias")));
}

TEST(SpectralNorm, StaysWhereItIsWithoutIteration) {
  const auto network = small_critic();
  SpectralNorm norm(network, 1);
  const auto before = norm.state().front().second.clone();
  norm.normalised(network, false);
  EXPECT_TRUE(norm.state().front().second.equal(before));
  norm.normalised(network, true);
  EXPECT_FALSE(norm.state().front().second.equal(before));
}

TEST(SpectralNorm, LetsGradientsThroughButNotAlongTheWeight) {
  auto network = small_critic();
  for (auto& [name, tensor] : network.parameters) tensor = tensor.to(torch::kDouble);
  make_learnable(network, torch::kCPU);
  SpectralNorm norm(network, 1);
  Network result;
  for (int i = 0; i < 200; ++i) result = norm.normalised(network, true);
  const auto& weight = network.parameters.at("first.weight");
  const auto direction = torch::randn_like(weight);
  const auto gradient = torch::autograd::grad({(result.parameters.at("first.weight") * direction).sum()}, {weight})[0];
  EXPECT_GT(gradient.norm().item<double>(), 0.01);
  EXPECT_NEAR((gradient * weight).sum().item<double>(), 0, 1e-6);  // its scale has no effect
}

TEST(HistoryPool, GivesBackWhatComesUntilItIsFull) {
  HistoryPool pool(4, 2);
  const auto first = torch::rand({4, 3, 2, 2}).to(torch::kHalf).to(torch::kFloat);
  EXPECT_TRUE(pool.exchange(first, 1).equal(first));
  const auto second = torch::full({4, 3, 2, 2}, 2.0F);
  const auto given = pool.exchange(second, 2);
  const auto earlier = given.ne(2).flatten(1).all(1);  // pictures of the first batch
  EXPECT_GT(earlier.sum().item<int>(), 0);
  EXPECT_TRUE(given.eq(2).flatten(1).all(1).logical_or(earlier).all().item<bool>());
}

TEST(HistoryPool, ExchangesHalfOfThePictures) {
  HistoryPool pool(8, 1);
  pool.exchange(torch::zeros({8, 3, 1, 1}), 0);
  int exchanged = 0;
  for (std::uint64_t i = 1; i <= 400; ++i)
    exchanged += pool.exchange(torch::full({1, 3, 1, 1}, static_cast<double>(i)), i)[0][0].item<double>() !=
                 static_cast<double>(i);
  EXPECT_NEAR(exchanged, 200, 50);
}

TEST(HistoryPool, OfNoSizeGivesBackEverything) {
  HistoryPool none(0, 2);
  const auto pictures = torch::rand({2, 3, 2, 2}).requires_grad_(true);
  const auto given = none.exchange(pictures, 1);
  EXPECT_TRUE(given.equal(pictures));
  EXPECT_FALSE(given.requires_grad());
}

TEST(HistoryPool, RefusesPicturesOfAnotherSize) {
  HistoryPool pool(4, 2);
  EXPECT_THROW(pool.exchange(torch::rand({1, 3, 4, 4}), 1), Error);
}

TEST(Critic, LearnsFromItsOwnVerdictsAndNotFromTheGenerators) {
  Critic critic("critic", small_critic(), {});
  const auto made = torch::rand({2, 3, 8, 8}).requires_grad_(true);
  critic.generator_loss({{"picture", made}}, 1).backward();
  EXPECT_TRUE(made.grad().defined());
  for (const auto& [name, tensor] : critic.parameters()) EXPECT_FALSE(tensor.grad().defined()) << name;

  const auto more = torch::rand({2, 3, 8, 8}).requires_grad_(true);
  std::map<std::string, double> terms;
  critic.loss({{"picture", torch::rand({2, 3, 8, 8})}}, {{"picture", more}}, 1, terms).backward();
  EXPECT_FALSE(more.grad().defined());
  EXPECT_GT(critic.parameters().front().second.grad().norm().item<double>(), 0);
  EXPECT_EQ(terms.size(), 3U);
}

TEST(Critic, ClipsItsParameters) {
  Critic critic("critic", small_critic(), {.loss = Adversarial::kWgan, .weight_clip = 0.01});
  critic.updated();
  for (const auto& [name, tensor] : critic.parameters()) EXPECT_LE(tensor.abs().max().item<double>(), 0.01) << name;
  EXPECT_THROW(Critic("critic", small_critic(), {.weight_clip = -1}), Error);
}

/// The gradient penalty is a gradient of a gradient, here through every kind of edge that critics have.
TEST(Critic, GradientPenaltyReachesItsParameters) {
  for (const auto edge : {Edge::kZero, Edge::kReflection, Edge::kReplicate}) {
    auto network = small_critic(edge);
    for (auto& [name, tensor] : network.parameters) tensor = tensor.to(torch::kDouble);
    const auto real = torch::rand({2, 3, 6, 6}, torch::kDouble), made = torch::rand({2, 3, 6, 6}, torch::kDouble);
    const auto penalty = [&](const Tensor& weight) {
      const torch::AutoGradMode on(true);
      auto changed = network;
      changed.parameters["first.weight"] = weight;
      const auto critic = [&](const Tensor& x) { return run_network(changed, {{"picture", x}}, torch::kDouble); };
      return losses::gradient_penalty(critic, real, made, 5);
    };
    EXPECT_LT(gradient_error(penalty, network.parameters.at("first.weight")), 1e-5) << static_cast<int>(edge);
  }
}

TEST(Critic, PenaltyAddsToItsLoss) {
  Critic plain("critic", small_critic(), {.loss = Adversarial::kWgan});
  Critic strict("critic", small_critic(), {.loss = Adversarial::kWgan, .gradient_penalty = 10});
  const NetworkInputs real{{"picture", torch::rand({2, 3, 8, 8})}}, made{{"picture", torch::rand({2, 3, 8, 8})}};
  std::map<std::string, double> terms;
  EXPECT_GT(strict.loss(real, made, 1, terms).item<double>(), plain.loss(real, made, 1, terms).item<double>());
}

/// Learns to make bright pictures of dark ones.
class Brighten final : public AdversarialTraining {
 public:
  explicit Brighten(const AdversarialSettings& settings, std::int64_t broken_from = 1000)
      : AdversarialTraining(settings), broken_from_(broken_from) {
    generator_ = &add_generator("generator", small_generator());
    critic_ = &add_critic("critic", small_critic(Edge::kZero, false));  // a norm would hide the brightness
  }
  WeightSet model(const std::vector<Tensor>& averages) const override {
    return generator_model(averaged("generator", averages), "pix2pix");
  }
  std::string settings() const override { return "brighten"; }
  NamedTensors state() const override {
    auto all = AdversarialTraining::state();
    for (const auto& [name, tensor] : pool_.state()) all.emplace_back("pool/" + name, tensor);
    return all;
  }
  std::vector<std::size_t> played;

 protected:
  Tensor critic_loss(const Turn& turn, Terms& terms) override {
    played.push_back(1);
    const auto made = pool_.exchange(make(turn), seed_of(turn, 2));
    return critic_->loss({{"picture", pictures(turn, 1) / 4 + 0.75}}, {{"picture", made}}, seed_of(turn, 3), terms);
  }
  Tensor generator_loss(const Turn& turn, Terms& terms) override {
    played.push_back(0);
    const auto made = make(turn);
    terms["brightness"] = made.mean().item<double>();
    const double broken = turn.step >= broken_from_ ? std::numeric_limits<double>::quiet_NaN() : 1;
    if (alone(turn)) return (made - 0.5).square().mean();
    return critic_->generator_loss({{"picture", made}}, seed_of(turn, 3)) * broken;
  }

 private:
  static Tensor pictures(const Turn& turn, std::uint64_t use) {
    torch::manual_seed(seed_of(turn, use));
    return torch::rand({2, 3, 8, 8});
  }
  Tensor make(const Turn& turn) {
    return generate(*generator_, {{"picture", pictures(turn, 0) / 4}}, seed_of(turn, 4));
  }

  Network* generator_;
  Critic* critic_;
  HistoryPool pool_{5, 8};
  std::int64_t broken_from_;
};

AdversarialSettings plain() {
  AdversarialSettings settings;
  settings.bf16 = false;
  return settings;
}

TrainingOptions options(const std::filesystem::path& output, std::int64_t steps) {
  TrainingOptions options;
  options.output = output;
  options.steps = steps;
  options.learning_rate = 0.01;
  return options;
}

const auto kGoOn = [](const TrainingProgress&) { return true; };

TEST(AdversarialTraining, TheGeneratorLearnsToPleaseTheCritic) {
  Brighten task(plain());
  double first = 0, last = 0;
  train(task, options("", 120), [&](const TrainingProgress& progress) {
    last = progress.result.terms.at("brightness");
    if (progress.step == 1) first = last;
    return true;
  });
  EXPECT_LT(first, 0.65);
  EXPECT_GT(last, 0.75);
}

TEST(AdversarialTraining, AnInterruptedRunEndsAsAWholeOne) {
  for (const bool spectral : {false, true}) {
    auto settings = plain();
    settings.critic.spectral_norm = spectral;
    settings.critic_rate = 2;
    settings.critic_steps = 2;
    const test::TemporaryFolder folder;
    Brighten whole(settings), first(settings), second(settings);
    train(whole, options(folder / "whole.safetensors", 9), kGoOn);
    auto parts = options(folder / "parts.safetensors", 9);
    train(first, parts, [](const TrainingProgress& progress) { return progress.step < 4; });
    parts.resume = true;
    train(second, parts, kGoOn);
    const auto a = read_safetensors(folder / "whole.safetensors.checkpoint");
    const auto b = read_safetensors(folder / "parts.safetensors.checkpoint");
    test::expect_same_tensors(a, b);
    EXPECT_TRUE(a.tensors.contains("critics/first/critic/first.weight"));
    EXPECT_TRUE(a.tensors.contains("task/generator/norm.mean"));
    EXPECT_TRUE(a.tensors.contains("task/pool/kept"));
    EXPECT_EQ(a.tensors.contains("task/critic/spectral/first.weight"), spectral);
  }
}

TEST(AdversarialTraining, PlayersTakeTheirTurns) {
  auto settings = plain();
  settings.critic_steps = 2;
  settings.first_steps = 1;
  Brighten task(settings);
  train(task, options("", 3), kGoOn);
  EXPECT_EQ(task.played, (std::vector<std::size_t>{0, 1, 1, 0, 1, 1, 0}));
}

TEST(AdversarialTraining, CriticsStayWithinTheirBounds) {
  auto settings = plain();
  settings.critic = {.loss = Adversarial::kWgan, .weight_clip = 0.02};
  Brighten task(settings);
  train(task, options("", 3), kGoOn);
  for (const auto& [name, tensor] : task.opponents().front().parameters)
    EXPECT_LE(tensor.abs().max().item<double>(), 0.02 + 1e-9) << name;
}

TEST(AdversarialTraining, ExportsTheAveragedGeneratorAlone) {
  Brighten task(plain());
  const auto model = train(task, options("", 5), kGoOn);
  const auto network = read_network(model);
  EXPECT_EQ(network.graph.inputs(), std::vector<std::string>{"picture"});
  EXPECT_FALSE(model.tensors.contains("critic/first.weight"));
  EXPECT_GT(network.parameters.at("norm.mean").abs().max().item<double>(), 1e-4);  // statistics were measured
  EXPECT_EQ(model.metadata.at("method"), "pix2pix");
}

TEST(AdversarialTraining, SurvivesAPlayerWithoutFiniteGradients) {
  Brighten task(plain(), 3);
  const test::TemporaryFolder folder;
  std::string notes;
  const auto run = [&] {
    train(task, options(folder / "m.safetensors", 100), [&](const TrainingProgress& progress) {
      notes += progress.note;
      return true;
    });
  };
  EXPECT_THAT(test::message_of(run), testing::HasSubstr("diverged"));
  EXPECT_THAT(notes, testing::HasSubstr("half the rate"));
  for (const auto& [name, tensor] : task.parameters()) EXPECT_TRUE(tensor.isfinite().all().item<bool>()) << name;
}

TEST(AdversarialTraining, RefusesCriticsThatNeverPlay) {
  auto settings = plain();
  settings.critic_steps = 0;
  EXPECT_THROW(Brighten{settings}, Error);
}

}  // namespace
}  // namespace atelier
