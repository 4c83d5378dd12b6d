#include "methods/model_iteration/generative/refined_style.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "atelier/error.h"
#include "losses/gram.h"
#include "methods/model_iteration/generative/held_styles.h"
#include "networks/kept_grams.h"
#include "support/fixture_pair.h"
#include "support/weight_files.h"
#include "tensor/resize.h"
#include "weights/model_store.h"
#include "weights/safetensors.h"

namespace atelier::methods {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> taps() { return taps_of(parse_layers(kStyleLayers)); }

std::map<std::string, Tensor> grams_of(const Tensor& painting) {
  std::map<std::string, Tensor> grams;
  const auto features = open_encoder("compact")->features(painting, taps());
  for (std::size_t i = 0; i < taps().size(); ++i) grams[taps()[i]] = losses::gram(features[i]);
  return grams;
}

GramSource compact() { return {"compact", content_sha256(open_model("compact"))}; }

Tensor unpainted(const Inputs& inputs, const OnProgress&) { return inputs.content; }

/// A model file that keeps what the fixture's painting wants, as its second style.
class RefinedStyleTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              ("refined" + std::to_string(::getpid()) + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_);
    grams_ = grams_of(inputs_.styles[0].picture);
    for (auto& [tap, gram] : grams_) gram = torch::cat({torch::zeros_like(gram), gram});
    target_ = inputs_;
    inputs_.styles[0].picture = Tensor();
    inputs_.styles[0].entry = "second";
    write(compact());
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::optional<GramSource>& source) {
    WeightSet weights;
    if (source) keep_grams(weights, *source, grams_);
    weights.metadata["kind"] = "style";
    weights.metadata["method"] = "conditional-in";
    weights.metadata["styles"] = R"(["first","second"])";
    inputs_.styles[0].model = (folder_ / (std::to_string(++written_) + ".safetensors")).string();
    write_safetensors(inputs_.styles[0].model, weights);
  }

  /// The painting's distance, as the loss has it.
  double style_distance(const Tensor& picture) const {
    ObjectiveSettings settings;
    settings.content_layers = parse_layers("relu4_2");
    settings.style_layers = parse_layers(kStyleLayers);
    settings.content_weight = 1e-9;
    return make_objective(open_encoder("compact"), target_, settings, {64, 64, 1})(picture).total();
  }

  Refinement steps(int count) const {
    return refinement_of(Values(style_refinement_options(), {{"refine", std::to_string(count)}}));
  }

  std::string refusal() const {
    return test::message_of([&] { paint_refined_style(inputs_, steps(1), unpainted, {}); });
  }

  fs::path folder_;
  int written_ = 0;
  std::map<std::string, Tensor> grams_;
  Inputs inputs_ = fixture_pair(), target_;
};

TEST_F(RefinedStyleTest, ComesNearerToAPaintingThatOnlyTheModelKnows) {
  const auto refined = paint_refined_style(inputs_, steps(9), unpainted, {});
  EXPECT_EQ(refined.sizes(), inputs_.content.sizes());
  EXPECT_LT(style_distance(refined), 0.4 * style_distance(inputs_.content));
}

TEST_F(RefinedStyleTest, NoStepsAreTheNetworkAlone) {
  int painted = 0;
  const auto count = [&](const Inputs& given, const OnProgress&) { return ++painted, given.content; };
  inputs_.styles[0].model = "none such";
  EXPECT_TRUE(torch::equal(paint_refined_style(inputs_, steps(0), count, {}), inputs_.content));
  const auto usual = refinement_of(Values(style_refinement_options(), {}));
  EXPECT_TRUE(torch::equal(paint_refined_style(inputs_, usual, count, {}), inputs_.content));
  EXPECT_EQ(painted, 2);
  EXPECT_EQ(refined_style_memory(inputs_, usual, [](const Inputs&) { return std::size_t{7}; }), 7U);
}

TEST_F(RefinedStyleTest, StepsBeginOnSmallCopies) {
  inputs_.content = torch::rand({1, 3, 100, 400});
  std::vector<std::string> stages;
  paint_refined_style(inputs_, steps(6), unpainted, [&](const Progress& progress) {
    if (progress.step > 0 && (stages.empty() || stages.back() != progress.stage)) stages.push_back(progress.stage);
    return true;
  });
  EXPECT_EQ(stages, (std::vector<std::string>{"200x50", "400x100"}));
}

TEST_F(RefinedStyleTest, NarrowPicturesKeepEnoughForTheEncoder) {
  inputs_.content = torch::rand({1, 3, 40, 900});
  EXPECT_EQ(paint_refined_style(inputs_, steps(2), unpainted, {}).sizes(), inputs_.content.sizes());
}

TEST_F(RefinedStyleTest, AsksForTheMemoryOfTheSteps) {
  const auto painting = [](const Inputs&) { return std::size_t{7}; };
  EXPECT_GT(refined_style_memory(inputs_, steps(1), painting), 64U * 64U * 1000U);
}

TEST_F(RefinedStyleTest, BelowHalfStrengthThePhotoIsMixedIn) {
  const auto refined = paint_refined_style(inputs_, steps(3), unpainted, {});
  inputs_.strength = 20;
  const auto mixed = paint_refined_style(inputs_, steps(3), unpainted, {});
  EXPECT_TRUE(torch::allclose(mixed, inputs_.content.lerp(refined, 0.4), 0, 1e-5));
}

TEST_F(RefinedStyleTest, MasksKeepThePhotoOnSmallCopiesToo) {
  inputs_.content = resize_picture(inputs_.content, 400, 400);
  inputs_.styles[0].mask = torch::zeros({1, 1, 400, 400});
  inputs_.styles[0].mask.slice(3, 200).fill_(1);
  inputs_.styles.push_back(inputs_.styles[0]);
  inputs_.styles[1].weight = 3;
  const auto refined = paint_refined_style(inputs_, steps(3), unpainted, {});
  const auto change = (refined - inputs_.content).abs().mean({0, 1, 2});
  EXPECT_LT(change.slice(0, 0, 200).max().item<double>(), 1e-5);
  EXPECT_GT(change.slice(0, 220).mean().item<double>(), 0.01);
}

TEST_F(RefinedStyleTest, ModelsWithoutMatricesAreRefused) {
  write({});
  EXPECT_THAT(refusal(), testing::HasSubstr("keeps no Gram matrices"));
}

TEST_F(RefinedStyleTest, AModelChoosesNoFilesToRead) {
  write(GramSource{inputs_.styles[0].model, compact().sha256});
  EXPECT_THAT(refusal(), testing::HasSubstr("no model"));
}

TEST_F(RefinedStyleTest, MatricesOfAnotherVersionOfTheEncoderAreRefused) {
  write(GramSource{"compact", std::string(64, '0')});
  EXPECT_THAT(refusal(), testing::HasSubstr("another version of the encoder \"compact\""));
}

TEST_F(RefinedStyleTest, DamagedMatricesAreRefused) {
  grams_["relu1_1"] = torch::ones({2, 64, 64});
  write(compact());
  EXPECT_THAT(refusal(), testing::HasSubstr("\"painting_gram.relu1_1\" is damaged"));
}

TEST_F(RefinedStyleTest, StylesOfDifferentEncodersAreNotMixed) {
  auto other = inputs_.styles[0];
  write(GramSource{"photos", std::string(64, '0')});
  std::swap(other, inputs_.styles[0]);
  inputs_.styles.push_back(other);
  EXPECT_THAT(refusal(), testing::HasSubstr("different encoders"));
}

/// Every method whose models hold their styles, on a tiny model of its own.
class RefinedMethod : public testing::TestWithParam<const char*> {};

TEST_P(RefinedMethod, MovesItsPictureTowardsThePainting) {
  const auto& info = find_method(GetParam());
  auto inputs = fixture_pair();
  auto weights = info.tiny_model();
  auto grams = grams_of(inputs.styles[0].picture);
  if (GetParam() == std::string("conditional-in"))
    for (auto& [tap, gram] : grams) gram = torch::cat({gram, gram});
  keep_grams(weights, compact(), grams);
  const auto file = fs::path(testing::TempDir()) / (std::to_string(::getpid()) + GetParam() + ".safetensors");
  write_safetensors(file, weights);
  inputs.content = resize_picture(inputs.content, 96, 400);
  inputs.styles[0] = Style();
  inputs.styles[0].model = file.string();
  if (GetParam() == std::string("conditional-in")) inputs.styles[0].entry = "first";
  const auto painted = [&](const char* steps) {
    return info.make(Values(info.options, {{"refine", steps}}))->run(inputs, {});
  };
  const auto forecast = [&](const char* steps) {
    return info.make(Values(info.options, {{"refine", steps}}))->memory_forecast(inputs);
  };
  const auto plain = painted("0"), refined = painted("6");
  EXPECT_EQ(refined.sizes(), plain.sizes());
  const auto distance = [&](const Tensor& picture) {
    const auto found = grams_of(picture);
    double sum = 0;
    for (const auto& [tap, gram] : grams) sum += ((found.at(tap) - gram[0]).norm() / gram[0].norm()).item<double>();
    return sum;
  };
  EXPECT_LT(distance(refined), 0.9 * distance(plain));
  EXPECT_GE(forecast("6"), forecast("0"));
  fs::remove(file);
}

INSTANTIATE_TEST_SUITE_P(Methods, RefinedMethod,
                         testing::Values("conditional-in", "johnson", "texture-net", "multimodal"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(RefinedGallery, EveryStyleKeepsWhatTheEncoderMakes) {
  const auto gallery = open_model("gallery");
  ASSERT_TRUE(gram_source(gallery));
  EXPECT_EQ(gram_source(gallery)->encoder, "compact");
  EXPECT_EQ(gram_source(gallery)->sha256, compact().sha256);
  std::vector<TapWidth> widths;
  for (const auto& tap : taps()) widths.push_back({tap, open_encoder("compact")->chain().channels(tap)});
  const auto held = held_styles("gallery");
  ASSERT_GE(held.size(), 24U);
  for (std::size_t style = 0; style < held.size(); ++style)
    for (const auto& matrix : kept_grams(gallery, static_cast<std::int64_t>(style), widths))
      EXPECT_GT(matrix.diagonal(0, 1, 2).min().item<float>(), -1e-6) << held[style];
}

TEST_F(RefinedStyleTest, AStyleThatTheModelDoesNotHoldIsRefused) {
  inputs_.styles[0].entry = "third";
  EXPECT_THAT(refusal(), testing::HasSubstr("holds no style \"third\""));
}

}  // namespace
}  // namespace atelier::methods
