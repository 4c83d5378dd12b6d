// What cartoongan, animegan, animegan2 and mgan learn: their networks, their trainings' promises, their refusals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <filesystem>

#include "atelier/error.h"
#include "media/image_file.h"
#include "methods/method.h"
#include "methods/model_iteration/adversarial/cartoon_critic.h"
#include "support/fixtures.h"
#include "support/weight_files.h"
#include "training/style_training.h"
#include "training/trainer.h"

namespace atelier::methods {
namespace {

using testing::HasSubstr;

/// A folder of two small photos, and one style.
struct Material {
  test::TemporaryFolder folder;
  TrainingInputs inputs;

  Material() {
    const auto photo = read_image(fixture("photo_64.png"));
    for (const char* part : {"photos", "targets"}) std::filesystem::create_directories(folder / part);
    write_image((folder / "photos/a.png").string(), photo);
    write_image((folder / "photos/b.png").string(), read_image(fixture("painting_64.png")));
    inputs.photos = {folder / "photos"};
    inputs.styles = {{"style", read_fixture("painting_64.png")}};
    inputs.bf16 = false;
    inputs.seed = 3;
  }
};

std::map<std::string, std::string> small(const std::string& method) {
  std::map<std::string, std::string> options = {
      {"batch", "2"}, {"crop", "64"}, {"first-steps", "1"}, {"critic-width", "4"}};
  options["width"] = method == "mgan" ? "8" : "0.0625";
  return options;
}

std::unique_ptr<TrainingTask> task_of(const std::string& method, const TrainingInputs& inputs,
                                      const std::map<std::string, std::string>& more = {}) {
  auto options = small(method);
  for (const auto& [name, value] : more) options[name] = value;
  const auto& info = find_method(method);
  return info.make_training(Values(info.training_options, options), inputs);
}

/// The last step's terms after `steps` steps, and the model.
std::pair<std::map<std::string, double>, WeightSet> learn(TrainingTask& task, std::int64_t steps) {
  TrainingOptions options;
  options.steps = steps;
  options.seed = 5;
  std::map<std::string, double> terms;
  auto model = train(task, options, [&](const TrainingProgress& progress) {
    terms = progress.result.terms;
    return true;
  });
  return {terms, model};
}

bool equal(const WeightSet& a, const WeightSet& b) {
  const auto x = read_network(a), y = read_network(b);
  for (const auto& [name, tensor] : x.parameters)
    if (!tensor.equal(y.parameters.at(name))) return false;
  return true;
}

class CartoonFamily : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Methods, CartoonFamily, testing::Values("cartoongan", "animegan", "animegan2", "mgan"),
                         [](const auto& param) { return std::string(param.param); });

TEST_P(CartoonFamily, LearnsAloneFirstAndThenAgainstItsCritic) {
  const Material material;
  const auto alone = learn(*task_of(GetParam(), material.inputs), 1).first;
  EXPECT_TRUE(alone.contains("content"));
  for (const char* of_the_game : {"critic", "critic real", "adversarial", "texture"})
    EXPECT_FALSE(alone.contains(of_the_game)) << of_the_game;
  const auto both = learn(*task_of(GetParam(), material.inputs), 2).first;
  EXPECT_TRUE(both.contains("critic") || both.contains("critic real"));
  EXPECT_TRUE(both.contains("adversarial") || both.contains("texture"));
}

TEST_P(CartoonFamily, RepeatsForTheSameSeedAndGivesAModelOfItsOwn) {
  const Material material;
  const auto first = learn(*task_of(GetParam(), material.inputs), 2).second;
  EXPECT_TRUE(equal(first, learn(*task_of(GetParam(), material.inputs), 2).second));
  EXPECT_EQ(first.metadata.at("method"), GetParam());
  EXPECT_EQ(first.metadata.at("kind"), "style");
}

TEST_P(CartoonFamily, RefusesToLearnWithoutAStyleOrAtAnOddSize) {
  const Material material;
  auto inputs = material.inputs;
  inputs.styles.clear();
  EXPECT_THAT(test::message_of([&] { task_of(GetParam(), inputs); }), HasSubstr("give --style"));
  EXPECT_THAT(test::message_of([&] {
                task_of(GetParam(), material.inputs, {{"crop", "66"}});
              }),
              HasSubstr("multiple of"));
}

TEST(CartoonPairs, LearnsFromTwoFoldersAndRefusesPhotosWithoutPartner) {
  const Material material;
  const auto targets = material.folder / "targets";
  auto inputs = material.inputs;
  inputs.styles.clear();
  write_image((targets / "a.png").string(), read_image(fixture("painting_64.png")));
  const std::map<std::string, std::string> pairs = {{"pairs", "left"}, {"targets", targets.string()}};
  EXPECT_THROW(task_of("animegan", inputs, pairs), Error);
  write_image((targets / "b.png").string(), read_image(fixture("photo_64.png")));
  EXPECT_TRUE(learn(*task_of("animegan", inputs, pairs), 2).first.contains("adversarial"));
}

TEST(CartoonCritic, JudgesPatchesAtAQuarterOfTheSize) {
  const auto verdicts = run_network(cartoon_critic(1, 4), {{"picture", torch::rand({2, 3, 32, 48})}});
  EXPECT_EQ(verdicts.sizes(), (std::vector<std::int64_t>{2, 1, 8, 12}));
}

}  // namespace
}  // namespace atelier::methods
