#include "training/adversarial/saved_critic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "support/weight_files.h"
#include "training/adversarial/adversarial_training.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

using losses::Adversarial;
using testing::HasSubstr;

Network judge(std::int64_t channels, bool with_photo) {
  NetworkBuilder build(3);
  auto x = build.input("picture");
  if (with_photo) x = build.apply("both", Op::kConcat, {x, build.input("photo")});
  x = build.conv("first", x, with_photo ? 2 * channels : channels, 4, 3, {.stride = 2, .edge = Edge::kZero});
  x = build.apply("leaky", Op::kLeakyRelu, {build.batch_norm("norm", x, 4)}, 0.2);
  build.conv("last", x, 4, 1, 3, {.edge = Edge::kZero});
  return build.build();
}

Network painter() {
  NetworkBuilder build(4);
  build.apply("painted", Op::kSigmoid, {build.conv("first", build.input("picture"), 3, 3, 3)});
  return build.build();
}

/// Plays against the critics that it is given.
class Game final : public AdversarialTraining {
 public:
  Game(const AdversarialSettings& settings, std::map<std::string, Network> critics) : AdversarialTraining(settings) {
    generator_ = &add_generator("generator", painter());
    for (auto& [name, network] : critics) critics_.push_back(&add_critic(name, std::move(network)));
  }
  WeightSet model(const std::vector<Tensor>& averages) const override {
    return generator_model(averaged("generator", averages), "pix2pix");
  }
  std::string settings() const override { return "game"; }
  Critic& critic() { return *critics_.front(); }

 protected:
  Tensor critic_loss(const Turn& turn, Terms& terms) override {
    torch::manual_seed(seed_of(turn));
    const auto photo = torch::rand({2, 3, 8, 8});
    auto loss = torch::zeros({});
    for (auto* critic : critics_) {
      const auto seen = [&](const Tensor& picture) { return inputs_of(*critic, picture, photo); };
      loss = loss + critic->loss(seen(photo / 2 + 0.5), seen(made(photo, turn)), seed_of(turn), terms);
    }
    return loss;
  }
  Tensor generator_loss(const Turn& turn, Terms&) override {
    const auto photo = torch::rand({2, 3, 8, 8});
    return critics_.front()->generator_loss(inputs_of(*critics_.front(), made(photo, turn), photo), seed_of(turn));
  }

 private:
  Tensor made(const Tensor& photo, const Turn& turn) {
    return generate(*generator_, {{"picture", photo}}, seed_of(turn));
  }
  static NetworkInputs inputs_of(const Critic& critic, const Tensor& picture, const Tensor& photo) {
    const auto names = critic.network().graph.inputs();
    const bool grey = critic.network().parameters.at("first.weight").size(1) == 1;
    NetworkInputs inputs{{names.front(), grey ? picture.mean(1, true) : picture}};
    if (names.size() > 1) inputs["photo"] = photo;
    return inputs;
  }

  Network* generator_;
  std::vector<Critic*> critics_;
};

class SavedCritics : public testing::Test {
 protected:
  AdversarialSettings settings(Adversarial loss = Adversarial::kLsgan, bool spectral = false) const {
    AdversarialSettings settings;
    settings.bf16 = false;
    settings.critic.loss = loss;
    settings.critic.spectral_norm = spectral;
    return settings;
  }

  /// Trains for three steps; the checkpoint's name.
  std::filesystem::path checkpoint_of(Game& game) const {
    TrainingOptions options;
    options.output = folder_ / "model.safetensors";
    options.steps = 3;
    options.learning_rate = 0.05;
    train(game, options, [](const TrainingProgress&) { return true; });
    return folder_ / "model.safetensors.checkpoint";
  }

  static std::map<std::string, Network> one(Network network) {
    return {std::pair<const std::string, Network>("critic", std::move(network))};
  }

  test::TemporaryFolder folder_;
};

TEST_F(SavedCritics, JudgeAsTheyDidAtTheEndOfTheTraining) {
  const auto picture = torch::rand({1, 3, 12, 20}), photo = torch::rand({1, 3, 12, 20});
  for (const bool spectral : {false, true})
    for (const bool with_photo : {false, true}) {
      Game game(settings(Adversarial::kLsgan, spectral), one(judge(3, with_photo)));
      SavedCritic saved(checkpoint_of(game));
      NetworkInputs inputs{{"picture", picture}};
      if (with_photo) inputs["photo"] = photo;
      EXPECT_EQ(saved.wants_photo(), with_photo);
      EXPECT_NEAR(saved.verdict(picture, photo), game.critic().judge_finally(inputs).mean().item<double>(), 1e-6);
    }
}

TEST_F(SavedCritics, KnowWhereTheirBorderIsAndSeeGreyWhereTheyLearntGrey) {
  Game grey(settings(Adversarial::kLsgan), one(judge(1, false)));
  SavedCritic critic(checkpoint_of(grey));
  EXPECT_EQ(critic.threshold(), 0.5);
  const auto picture = torch::rand({1, 3, 8, 8});
  EXPECT_NEAR(critic.verdict(picture), critic.verdict(picture.mean(1, true).expand({1, 3, 8, 8})), 1e-5);
  Game logits(settings(Adversarial::kBce), one(judge(3, false)));
  EXPECT_EQ(SavedCritic(checkpoint_of(logits)).threshold(), 0);
}

TEST_F(SavedCritics, AreChosenByName) {
  Game game(settings(), {{"forward critic", judge(3, false)}, {"backward critic", judge(3, false)}});
  const auto checkpoint = checkpoint_of(game);
  EXPECT_EQ(SavedCritic(checkpoint, "forward critic").name(), "forward critic");
  EXPECT_THAT(test::message_of([&] { SavedCritic{checkpoint}; }),
              HasSubstr("choose one of \"backward critic\", \"forward critic\""));
  EXPECT_THAT(test::message_of([&] { SavedCritic(checkpoint, "other"); }), HasSubstr("holds no critic \"other\""));
}

TEST_F(SavedCritics, RefuseWhatIsNoneOrDamaged) {
  Game game(settings(), one(judge(3, true)));
  const auto checkpoint = checkpoint_of(game);
  EXPECT_THAT(test::message_of([&] { SavedCritic{folder_ / "model.safetensors"}; }), HasSubstr("describes no critic"));
  EXPECT_THAT(test::message_of([&] {
                SavedCritic(checkpoint).verdict(torch::rand({1, 3, 8, 8}));
              }),
              HasSubstr("give the content"));
  const auto file = folder_ / "damaged.checkpoint";
  auto weights = read_safetensors(checkpoint);
  const auto refusal = [&] {
    write_safetensors(file, weights);
    return test::message_of([&] { SavedCritic{file}; });
  };
  auto& said = weights.metadata.at(critic_key("critic"));
  const auto whole = said;
  said = "{}";
  EXPECT_THAT(refusal(), HasSubstr("damaged"));
  said = whole;
  weights.tensors.erase("critics/parameter/critic/last.weight");
  EXPECT_THAT(refusal(), HasSubstr("last.weight"));
}

TEST_F(SavedCritics, ThatJudgeFeaturesAreRefused) {
  NetworkBuilder build(1);
  build.conv("first", build.input("features"), 3, 1, 3, {.edge = Edge::kZero});
  Game game(settings(), one(build.build()));
  const auto checkpoint = checkpoint_of(game);
  EXPECT_THAT(test::message_of([&] { SavedCritic{checkpoint}; }), HasSubstr("judges an encoder's features"));
}

}  // namespace
}  // namespace atelier
