// What every method of the family promises about --color-count-loss: these tests run for each that can be trained, with
// no edit here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <filesystem>

#include "atelier/error.h"
#include "losses/colour_count.h"
#include "media/image_file.h"
#include "methods/method.h"
#include "support/weight_files.h"
#include "tensor/image_tensor.h"
#include "training/style_training.h"
#include "training/trainer.h"
#include "weights/safetensors.h"

namespace atelier::methods {
namespace {

using testing::HasSubstr;
using Given = std::map<std::string, std::string>;

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& info : all_methods())
    if (info.family == "model_iteration/adversarial" && info.make_training != nullptr) all.emplace_back(info.name);
  return all;
}

/// Stripes of six colours, which DBSCAN finds in every part of the size that is cut.
Tensor stripes() {
  auto picture = torch::empty({1, 3, 64, 64});
  for (int i = 0; i < 16; ++i) picture.slice(2, 4 * i, 4 * i + 4).fill_(static_cast<float>(i % 6) / 6);
  return picture;
}

/// A photo of which random generators make a few colours: of a real one some make noise without any cluster, and of a
/// flat one norms leave nothing.
Tensor halves() {
  auto picture = torch::full({1, 3, 64, 64}, 0.3F);
  picture.slice(3, 32).fill_(0.7F);
  return picture;
}

class ColourCountLoss : public testing::TestWithParam<std::string> {
 protected:
  struct Outcome {
    std::map<std::string, double> terms;
    WeightSet model;
  };

  void SetUp() override {
    for (const char* folder : {"photos", "paintings"}) std::filesystem::create_directories(folder_ / folder);
    for (const char* name : {"a.png", "b.png"}) {
      write_image((folder_ / ("photos/" + std::string(name))).string(), to_image(halves()));
      write_image((folder_ / ("paintings/" + std::string(name))).string(), to_image(stripes()));
    }
  }

  const MethodInfo& info() const { return find_method(GetParam()); }

  bool has(const std::string& name) const {
    return std::any_of(info().training_options.begin(), info().training_options.end(),
                       [&](const Option& option) { return option.name == name; });
  }

  /// Tiny networks and one step of both players.
  Given small(const Given& more) const {
    Given given = {{"batch", "2"}, {"crop", "64"}};
    for (const auto& option : info().training_options)
      if (option.name == "width") given["width"] = option.kind == Option::Kind::kNumber ? "0.0625" : "8";
    for (const auto& [name, value] :
         Given{{"critic-width", "4"}, {"depth", "3"}, {"blocks", "1"}, {"first-steps", "0"}})
      if (has(name)) given[name] = value;
    if (has("targets") && !has("pairs")) given["targets"] = (folder_ / "paintings").string();
    for (const auto& [name, value] : more) given[name] = value;
    return given;
  }

  std::unique_ptr<TrainingTask> task(const Given& more) const {
    TrainingInputs inputs;
    inputs.photos = {folder_ / "photos"};
    inputs.styles = {{"style", stripes()}};
    inputs.bf16 = false;
    inputs.seed = 3;
    return info().make_training(Values(info().training_options, small(more)), inputs);
  }

  Outcome learn(const Given& more) const {
    TrainingOptions options;
    options.steps = 2;
    options.seed = 5;
    Outcome outcome;
    outcome.model = train(*task(more), options, [&](const TrainingProgress& progress) {
      outcome.terms = progress.result.terms;
      return true;
    });
    return outcome;
  }

  test::TemporaryFolder folder_;
};

bool equal(const WeightSet& a, const WeightSet& b) {
  return a.tensors.size() == b.tensors.size() &&
         std::all_of(a.tensors.begin(), a.tensors.end(), [&](const auto& entry) {
           const auto& other = b.at(entry.first).bytes;
           return std::equal(entry.second.bytes.begin(), entry.second.bytes.end(), other.begin(), other.end());
         });
}

INSTANTIATE_TEST_SUITE_P(Family, ColourCountLoss, testing::ValuesIn(names()), [](const auto& param) {
  auto name = param.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(ColourCountFamily, HoldsThePapersMethods) { EXPECT_GE(names().size(), 9U); }

TEST_P(ColourCountLoss, IsThereToBeAskedFor) {
  ASSERT_TRUE(has("color-count-loss") && has("color-count"));
  EXPECT_EQ(Values(info().training_options, {}).number("color-count-loss"), 0);
  EXPECT_THROW(Values(info().training_options, {{"color-count", "exact"}}), Error);
  EXPECT_THROW(Values(info().training_options, {{"color-count-loss", "-1"}}), Error);
}

TEST_P(ColourCountLoss, TheLiteralFormIsNotedAndChangesNothing) {
  const auto without = learn({});
  EXPECT_FALSE(without.terms.contains("colours off"));
  const auto literal = learn({{"color-count-loss", "5"}, {"color-count", "literal"}});
  EXPECT_TRUE(literal.terms.contains("colours off"));
  EXPECT_FALSE(literal.terms.contains("colour pull"));
  EXPECT_TRUE(equal(without.model, literal.model));
}

TEST_P(ColourCountLoss, TheSoftFormTeaches) {
  const auto without = learn({}), soft = learn({{"color-count-loss", "5"}});
  EXPECT_GT(soft.terms.at("colour pull"), 0);
  EXPECT_GT(soft.terms.at("colours off"), 0);
  EXPECT_FALSE(equal(without.model, soft.model));
}

class ColourCountTargets : public ColourCountLoss {};
INSTANTIATE_TEST_SUITE_P(Pix2pix, ColourCountTargets, testing::Values("pix2pix"));

/// Targets of one colour and photos of many: the number that is wanted is the partner's.
TEST_P(ColourCountTargets, ThePartnerSaysHowMany) {
  for (const char* name : {"a.png", "b.png"})
    write_image((folder_ / ("paintings/" + std::string(name))).string(), to_image(torch::full({1, 3, 64, 64}, 0.3F)));
  const auto one = learn({{"color-count-loss", "5"}, {"color-count", "literal"}}).terms.at("colours off");
  for (const char* name : {"a.png", "b.png"})
    write_image((folder_ / ("paintings/" + std::string(name))).string(), to_image(stripes()));
  const auto six = learn({{"color-count-loss", "5"}, {"color-count", "literal"}}).terms.at("colours off");
  EXPECT_NE(one, six);
}

class ColourCountDigits : public ColourCountLoss {};
INSTANTIATE_TEST_SUITE_P(ContentGan, ColourCountDigits, testing::Values("content-gan"));

TEST_P(ColourCountDigits, AreRefused) {
  EXPECT_THAT(test::message_of([&] {
                task({{"form", "digits"}, {"targets", ""}, {"color-count-loss", "1"}});
              }),
              HasSubstr("leave out --color-count-loss"));
}

}  // namespace
}  // namespace atelier::methods
