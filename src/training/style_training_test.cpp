#include "training/style_training.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "losses/gram.h"
#include "networks/kept_grams.h"
#include "support/training_checks.h"
#include "weights/model_store.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

/// A network of a few weights that paints in `styles` styles.
Network tiny_painter(std::int64_t styles) {
  NetworkBuilder build(1);
  const auto picture = build.input("picture"), shares = build.input("shares");
  auto x = build.conv("in", picture, 3, 6, 3);
  x = build.apply("relu", Op::kRelu, {build.conditional_norm("norm", x, shares, styles, 6)});
  build.conv("out", x, 6, 3, 3);
  return build.build();
}

class StyleTrainingTest : public test::StyleLessons {
 protected:
  StyleTrainingOptions task() const { return StyleLessons::task("conditional-in"); }
};

const auto kGoOn = [](const TrainingProgress&) { return true; };

TEST_F(StyleTrainingTest, LowersTheLossAndWritesAModelWithItsStyles) {
  StyleTraining training(tiny_painter(2), styles_, task());
  std::vector<double> losses;
  train(training, run("plain", 60), [&](const TrainingProgress& progress) {
    losses.push_back(progress.result.loss);
    return true;
  });
  EXPECT_LT(losses[58] + losses[59], 0.8 * (losses[0] + losses[1]));
  const auto weights = read_safetensors(folder_ / "plain.safetensors");
  EXPECT_EQ(weights.metadata.at("method"), "conditional-in");
  EXPECT_EQ(weights.metadata.at("styles"), R"(["first","second"])");
  EXPECT_EQ(read_network(weights).parameters.at("norm.weight").sizes(), (at::IntArrayRef{2, 6}));
  EXPECT_TRUE(fs::exists(folder_ / "plain.png"));
}

TEST_F(StyleTrainingTest, KeepsTheCardsAndThumbnailsOfAGallery) {
  styles_[1].card = R"({"name":"second","title":"A title"})";
  StyleTraining training(tiny_painter(2), styles_, task());
  const auto model = train(training, run("cards", 1), kGoOn);
  EXPECT_EQ(model.metadata.at("cards"), R"([{"name":"second","title":"A title"}])");
  EXPECT_FALSE(model.tensors.contains("thumbnail.first"));
  const auto jpeg = model.at("thumbnail.second").bytes;
  EXPECT_EQ(jpeg[0], std::byte{0xff});
  EXPECT_EQ(jpeg[1], std::byte{0xd8});
}

TEST_F(StyleTrainingTest, KeepsTheGramMatricesOfThePaintings) {
  auto by_name = task();
  by_name.encoder = "compact";
  by_name.bf16 = false;
  StyleTraining training(tiny_painter(2), styles_, by_name);
  const auto model = train(training, run("grams", 1), kGoOn);
  ASSERT_TRUE(gram_source(model));
  EXPECT_EQ(gram_source(model)->encoder, "compact");
  EXPECT_EQ(gram_source(model)->sha256, content_sha256(open_model("compact")));
  const auto encoder = open_encoder("compact", {.precision = Precision::kFloat32});
  for (const auto* tap : {"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"}) {
    const auto wanted = losses::gram(encoder->features(styles_[1].picture, {tap})[0]);
    const auto kept = kept_grams(model, 1, {{tap, encoder->chain().channels(tap)}}).at(0);
    EXPECT_LT(((kept - wanted).norm() / wanted.norm()).item<double>(), 1e-3) << tap;
  }
  StyleTraining by_file(tiny_painter(2), styles_, task());
  EXPECT_FALSE(gram_source(train(by_file, run("file", 1), kGoOn)));
}

TEST_F(StyleTrainingTest, AnInterruptedRunEndsAsAWholeOne) { expect_resumes(tiny_painter(2), styles_, task()); }

TEST_F(StyleTrainingTest, StartsFromAModel) {
  StyleTraining first(tiny_painter(2), styles_, task());
  const auto learnt = read_network(train(first, run("learnt", 20), kGoOn));
  auto options = run("on", 1);
  options.initial = (folder_ / "learnt.safetensors").string();
  options.learning_rate = 1e-9;
  StyleTraining second(tiny_painter(2), styles_, task());
  const auto on = read_network(train(second, options, kGoOn));
  EXPECT_TRUE(torch::allclose(on.parameters.at("in.weight"), learnt.parameters.at("in.weight"), 1e-3, 1e-4));
  StyleTraining other(tiny_painter(1), {styles_.front()}, task());
  EXPECT_THAT(test::message_of([&] { train(other, options, kGoOn); }), testing::HasSubstr("does not have norm."));
}

TEST_F(StyleTrainingTest, DrawsStylesThatAreFarMoreOften) {
  auto focused = task();
  focused.focus = 10;
  StyleTraining training(tiny_painter(2), styles_, focused);
  for (auto& [name, tensor] : training.state())
    if (name == "style_distances") tensor[0] = 0.1;
  training.step(5);
  for (const auto& [name, tensor] : training.parameters())
    if (name == "norm.weight") {
      EXPECT_EQ(tensor.grad()[0].abs().max().item<float>(), 0);
      EXPECT_GT(tensor.grad()[1].abs().max().item<float>(), 0);
    }
}

TEST_F(StyleTrainingTest, PooledGramsGiveAStepOneStyle) {
  auto pooled = task();
  pooled.pooled_grams = true;
  pooled.batch = 4;
  StyleTraining training(tiny_painter(2), styles_, pooled);
  for (const std::uint64_t seed : {1, 2, 3, 4}) {
    for (auto& [name, tensor] : training.parameters()) tensor.mutable_grad() = Tensor();
    training.step(seed);
    for (const auto& [name, tensor] : training.parameters()) {
      if (name != "norm.weight") continue;
      EXPECT_EQ(tensor.grad().abs().sum(1).count_nonzero().item<int>(), 1) << seed;
    }
  }
  expect_resumes(tiny_painter(2), styles_, pooled);
  EXPECT_THAT(training.settings(), testing::HasSubstr("pooled_grams"));
  EXPECT_THAT(StyleTraining(tiny_painter(2), styles_, task()).settings(), testing::Not(testing::HasSubstr("pooled")))
      << "checkpoints of earlier versions could not be resumed";
  pooled.batch = 1;
  EXPECT_THROW(StyleTraining(tiny_painter(2), styles_, pooled), Error);
}

TEST_F(StyleTrainingTest, FlatTvIsPartOfTheLossAndOfTheSettings) {
  auto smooth = task();
  smooth.flat_tv_weight = 1e6;
  StyleTraining plain(tiny_painter(2), styles_, task()), training(tiny_painter(2), styles_, smooth);
  EXPECT_GT(training.step(1).loss, 1.1 * plain.step(1).loss);
  EXPECT_THAT(training.settings(), testing::HasSubstr("flat_tv_weight"));
  EXPECT_THAT(plain.settings(), testing::Not(testing::HasSubstr("flat_tv")))
      << "checkpoints of earlier versions could not be resumed";
}

TEST_F(StyleTrainingTest, StabilityKeepsPicturesFromChangingWithNoise) {
  auto steady = task();
  steady.stability_weight = 1e4;
  StyleTraining plain(tiny_painter(2), styles_, task()), training(tiny_painter(2), styles_, steady);
  std::vector<double> changes;
  train(training, run("steady", 60), [&](const TrainingProgress& progress) {
    changes.push_back(progress.result.terms.at("change"));
    return true;
  });
  EXPECT_LT(changes[58] + changes[59], 0.5 * (changes[0] + changes[1]));
  EXPECT_FALSE(plain.step(1).terms.contains("change"));
  expect_resumes(tiny_painter(2), styles_, steady);
  EXPECT_THAT(training.settings(), testing::HasSubstr("stability_weight"));
  EXPECT_THAT(plain.settings(), testing::Not(testing::HasSubstr("stability")))
      << "checkpoints of earlier versions could not be resumed";
}

// The gradient of weight · mean (F(x + n) − F(x))², both pictures pulled, against differences of that loss.
TEST_F(StyleTrainingTest, StabilityHasTheGradientOfItsLoss) {
  auto steady = task();
  steady.bf16 = false;
  steady.balance = 0;
  auto plain = steady;
  steady.stability_weight = 1e3;
  StyleTraining with(tiny_painter(2), styles_, steady), without(tiny_painter(2), styles_, plain);
  const auto weight_of = [](StyleTraining& training) {
    for (auto& [name, tensor] : training.parameters())
      if (name == "out.weight") return tensor;
    throw std::logic_error("no such parameter");
  };
  const auto shift = [&](double change) {
    const torch::NoGradGuard no_grad;
    weight_of(with).view(-1)[5] += change;
  };
  const auto loss_at = [&](double change) {
    shift(change);
    const double told = with.step(3).terms.at("change");
    shift(-change);
    return 1e3 * told * told;
  };
  const double numeric = (loss_at(1e-2) - loss_at(-1e-2)) / 2e-2;
  for (auto* training : {&with, &without}) weight_of(*training).mutable_grad() = Tensor();
  with.step(3);
  without.step(3);
  const double exact = (weight_of(with).grad() - weight_of(without).grad()).view(-1)[5].item<double>();
  EXPECT_NEAR(exact, numeric, 0.02 * std::abs(numeric) + 1e-5);
}

TEST_F(StyleTrainingTest, GivesTheModelBackWhereNothingIsToBeWritten) {
  StyleTraining training(tiny_painter(2), styles_, task());
  auto options = run("unused", 2);
  options.output.clear();
  options.preview.clear();
  const auto model = train(training, options, kGoOn);
  EXPECT_EQ(model.metadata.at("steps"), "2");
  EXPECT_FALSE(fs::exists(folder_ / "unused.safetensors"));
}

TEST_F(StyleTrainingTest, RareStylesAreLearntFaster) {
  const StyleTraining two(tiny_painter(2), styles_, task()), one(tiny_painter(1), {styles_.front()}, task());
  EXPECT_GT(two.rate_factor("norm.weight"), 1);
  EXPECT_EQ(two.rate_factor("in.weight"), 1);
  EXPECT_EQ(one.rate_factor("norm.weight"), 1);
}

TEST_F(StyleTrainingTest, EndsWithItsTimeBudget) {
  StyleTraining training(tiny_painter(2), styles_, task());
  auto options = run("short", 1000000);
  options.time_budget = 0.2;
  std::int64_t steps = 0;
  train(training, options, [&](const TrainingProgress& progress) {
    EXPECT_LE(progress.seconds_left, 0.2);
    steps = progress.step;
    return true;
  });
  EXPECT_LT(steps, 1000);
}

TEST_F(StyleTrainingTest, RefusesWhatDoesNotFit) {
  EXPECT_THROW(StyleTraining(tiny_painter(2), {}, task()), Error);
  auto odd = task();
  odd.crop = 65;
  EXPECT_THROW(StyleTraining(tiny_painter(2), styles_, odd), Error);
  auto reversed = task();
  reversed.smallest_scale = 3;
  EXPECT_THROW(StyleTraining(tiny_painter(2), styles_, reversed), Error);
  auto empty = task();
  fs::create_directories(folder_ / "empty");
  empty.photos = {folder_ / "empty"};
  EXPECT_THROW(StyleTraining(tiny_painter(2), styles_, empty), Error);
  StyleTraining other(tiny_painter(2), styles_, task());
  auto missing = run("missing", 5);
  missing.resume = true;
  EXPECT_THROW(train(other, missing, kGoOn), Error);
}

/// Gives gradients that are not finite from step `bad_from` on.
class Diverging final : public TrainingTask {
 public:
  explicit Diverging(int bad_from, int bad_to) : bad_from_(bad_from), bad_to_(bad_to) {}
  NamedTensors parameters() const override { return {{"x", x_}}; }
  StepResult step(std::uint64_t) override {
    const bool bad = step_ >= bad_from_ && step_ < bad_to_;
    ++step_;
    (x_.square().sum() * (bad ? std::numeric_limits<double>::quiet_NaN() : 1.0)).backward();
    return {};
  }
  WeightSet model(const std::vector<Tensor>&) const override { return {}; }
  std::string settings() const override { return "diverging"; }

 private:
  Tensor x_ = torch::ones({1}).requires_grad_(true);
  int step_ = 0, bad_from_, bad_to_;
};

TEST_F(StyleTrainingTest, ComesBackFromBadStepsOrGivesUp) {
  Diverging passing(3, 9);
  std::string notes;
  double rate = 0;
  train(passing, run("passing", 12), [&](const TrainingProgress& progress) {
    notes += progress.note;
    rate = progress.learning_rate;
    return true;
  });
  EXPECT_NE(notes.find("half the rate"), std::string::npos);
  EXPECT_LT(rate, 0.006);
  Diverging lasting(3, 1000);
  EXPECT_THROW(train(lasting, run("lasting", 100), kGoOn), Error);
}

}  // namespace
}  // namespace atelier
