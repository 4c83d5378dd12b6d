#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "media/image_file.h"
#include "methods/method.h"
#include "methods/model_iteration/adversarial/sketch_color/hint.h"
#include "methods/model_iteration/adversarial/sketch_color/network.h"
#include "support/fixtures.h"
#include "support/same_tensors.h"
#include "support/weight_files.h"
#include "tensor/image_tensor.h"
#include "tensor/resize.h"
#include "training/style_training.h"
#include "training/trainer.h"
#include "weights/safetensors.h"

namespace atelier::methods::sketch_color {
namespace {

using Given = std::map<std::string, std::string>;

std::shared_ptr<const Encoder> encoder() { return open_encoder("compact", {.precision = Precision::kFloat32}); }

TEST(StyleHint, IsMeansAndDeviationsOfFeatures) {
  const auto picture = read_fixture("painting_128.png");
  const auto code = style_code(*encoder(), picture);
  ASSERT_EQ(code.sizes(), (std::vector<std::int64_t>{1, code_size(*encoder())}));
  const auto first = encoder()->raw_features(picture, {"relu1_1"})[0];
  const auto channels = first.size(1);
  EXPECT_TRUE(torch::allclose(code.narrow(1, 0, channels), first.mean({2, 3}), 1e-4, 1e-5));
  EXPECT_TRUE(torch::allclose(code.narrow(1, channels, channels), first.flatten(2).std(2, false), 1e-4, 1e-5));
}

TEST(StyleHint, KnowsColoursAndTakesAnyShape) {
  const auto painting = read_fixture("painting_64.png");
  const auto code = style_code(*encoder(), painting);
  EXPECT_GT((style_code(*encoder(), painting.flip(1)) - code).norm().item<double>(), 0.1 * code.norm().item<double>());
  for (const auto& sizes : {std::pair{4, 900}, std::pair{1, 1}, std::pair{300, 2}})
    EXPECT_EQ(style_code(*encoder(), torch::rand({1, 3, sizes.first, sizes.second})).sizes(), code.sizes());
}

TEST(StyleHint, IsBroughtToOneScaleByThePaintersStatistics) {
  auto network = painter(1, 3, {.width = 2, .blocks = 1});
  store_statistics(network, torch::tensor({{1.F, 5.F, 7.F}, {3.F, 5.F, 1.F}}));
  const auto code = torch::tensor({{2.F, 5.F, 4.F}});
  EXPECT_TRUE(torch::allclose(squashed(network, code), torch::full({1, 3}, 0.5F)));
  // Variances of two values a and b: (a − b)² / 2.
  const auto one = torch::sigmoid(torch::tensor({1 / std::sqrt(2.F), 0.F, 3 / std::sqrt(18.F)})).unsqueeze(0);
  EXPECT_TRUE(torch::allclose(squashed(network, torch::tensor({{3.F, 5.F, 7.F}})), one));
  EXPECT_TRUE(
      torch::allclose(exaggerated(network, torch::tensor({{3.F, 5.F, 7.F}}), 2), torch::tensor({{4.F, 5.F, 10.F}})));
}

TEST(SketchPainter, TakesTheHintInAtItsMiddle) {
  const auto network = painter(7, 5, {.width = 4, .blocks = 2});
  torch::manual_seed(1);
  const auto sketch = torch::rand({1, 3, 32, 48}), hint = torch::randn({1, 5});
  const auto paint = [&](const Tensor& code) {
    return node_values(network, {{"picture", sketch}, {"hint", hint_map(code, 4, 6)}}, {"entry", "middle", "painted"});
  };
  const auto one = paint(hint), other = paint(-hint);
  EXPECT_EQ(one[0].sizes(), (std::vector<std::int64_t>{1, 32, 4, 6}));
  EXPECT_EQ(one[2].sizes(), sketch.sizes());
  EXPECT_TRUE(one[0].equal(other[0]));
  EXPECT_FALSE(one[1].equal(other[1]));
  EXPECT_FALSE(one[2].equal(other[2]));
}

TEST(SketchPainter, GuidesMakePicturesOfItsMiddle) {
  const auto made = run_network(guide(3, 1, {.width = 4}), {{"features", torch::randn({2, 32, 4, 6})}});
  EXPECT_EQ(made.sizes(), (std::vector<std::int64_t>{2, 1, 32, 48}));
  EXPECT_THROW(painter(1, 0), Error);
  EXPECT_THROW(painter(1, 5, {.width = 4, .blocks = 0}), Error);
}

class SketchColor : public testing::Test {
 protected:
  const MethodInfo& info() const { return find_method("sketch-color"); }

  /// Coloured pictures of a few rectangles.
  void SetUp() override {
    std::filesystem::create_directories(folder_ / "paintings");
    for (int i = 0; i < 3; ++i) {
      torch::manual_seed(i);
      const auto picture = resize(torch::rand({1, 3, 4, 4}), 48, 48, Filter::kNearest);
      write_image((folder_ / "paintings" / ("picture" + std::to_string(i) + ".png")).string(), to_image(picture));
    }
  }

  Given small(Given more = {}) const {
    Given given = {{"batch", "2"},  {"crop", "32"},        {"width", "4"},
                   {"blocks", "1"}, {"critic-width", "4"}, {"critic-layers", "2"}};
    for (const auto& [name, value] : more) given[name] = value;
    return given;
  }
  std::unique_ptr<TrainingTask> task(const Given& given, const std::string& photos = "paintings") const {
    return info().make_training(Values(info().training_options, given),
                                {.photos = {folder_ / photos}, .styles = {}, .bf16 = false});
  }
  TrainingOptions run(const std::string& name, std::int64_t steps) const {
    TrainingOptions options;
    options.output = folder_ / (name + ".safetensors");
    options.preview = folder_ / (name + ".png");
    options.steps = steps;
    return options;
  }
  /// A painter with random weights, in a file.
  std::string model() const {
    const auto file = (folder_ / "model.safetensors").string();
    const auto network = painter(5, code_size(*encoder()), {.width = 4, .blocks = 1});
    write_safetensors(file, painter_model(network, "compact"));
    return file;
  }
  Tensor paint(const Inputs& inputs, Given options = {}) const {
    options["model"] = model();
    return info().make(Values(info().options, options))->run(inputs, {});
  }
  Inputs inputs(const std::string& painting = "painting_64.png") const {
    Inputs all;
    all.content = read_fixture("photo_64.png");
    all.styles.resize(1);
    all.styles[0].picture = read_fixture(painting);
    all.precision = "fp32";
    return all;
  }

  test::TemporaryFolder folder_;
};

const auto kGoOn = [](const TrainingProgress&) { return true; };

TEST_F(SketchColor, SeesLightAndNotTheSketchsColours) {
  auto grey = inputs();
  const auto light = grey.content.narrow(1, 0, 1) * 0.299 + grey.content.narrow(1, 1, 1) * 0.587 +
                     grey.content.narrow(1, 2, 1) * 0.114;
  grey.content = light.expand_as(grey.content).contiguous();
  EXPECT_TRUE(torch::allclose(paint(grey), paint(inputs()), 1e-4, 1e-4));
  EXPECT_FALSE(torch::allclose(paint(inputs(), {{"draw-lines", "true"}}), paint(inputs()), 1e-2, 1e-2));
}

TEST_F(SketchColor, MixesHintsByWeightsAndMasks) {
  const auto flipped = read_fixture("painting_64.png").flip(1);
  auto first = inputs(), second = inputs(), both = inputs();
  second.styles[0].picture = flipped;
  both.styles.push_back(second.styles[0]);
  both.styles[1].weight = 1e-9;
  EXPECT_TRUE(torch::allclose(paint(both), paint(first), 1e-3, 1e-3));
  both.styles[1].weight = 1;
  both.styles[0].mask = torch::zeros({1, 1, 64, 64});
  both.styles[0].mask.narrow(3, 0, 32).fill_(1);
  both.styles[1].mask = 1 - both.styles[0].mask;
  const auto mixed = paint(both);
  const auto distance = [&](const Tensor& one, std::int64_t from) {
    return (mixed - one).narrow(3, from, 16).abs().mean().item<double>();
  };
  const auto left = paint(first), right = paint(second);
  EXPECT_LT(distance(left, 0), distance(right, 0));
  EXPECT_LT(distance(right, 48), distance(left, 48));
}

TEST_F(SketchColor, PaintsMoreOfTheStyleWithMoreStrength) {
  auto strong = inputs();
  strong.strength = 100;
  EXPECT_FALSE(paint(strong).equal(paint(inputs())));
  auto half = inputs();
  half.strength = 25;
  EXPECT_TRUE(torch::allclose(paint(half), (paint(inputs()) + inputs().content) / 2, 1e-4, 1e-5));
}

TEST_F(SketchColor, AnInterruptedTrainingEndsAsAWholeOne) {
  train(*task(small()), run("whole", 4), kGoOn);
  auto parts = run("parts", 4);
  train(*task(small()), parts, [](const TrainingProgress& progress) { return progress.step < 2; });
  parts.resume = true;
  train(*task(small()), parts, kGoOn);
  test::expect_same_tensors(read_safetensors(folder_ / "whole.safetensors.checkpoint"),
                            read_safetensors(folder_ / "parts.safetensors.checkpoint"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "whole.png"));
}

TEST_F(SketchColor, LearnsToPaintAndWritesWhatTheMethodApplies) {
  auto options = run("model", 60);
  options.learning_rate = 5e-3;
  double first = 0, last = 0;
  train(*task(small({{"first-steps", "30"}})), options, [&](const TrainingProgress& progress) {
    last = progress.result.terms.at("l1");
    if (progress.step == 1) {
      first = last;
      EXPECT_FALSE(progress.result.terms.contains("style"));
    }
    return true;
  });
  EXPECT_LT(last, 0.9 * first);
  const auto file = (folder_ / "model.safetensors").string();
  EXPECT_EQ(read_safetensors(file).metadata.at("encoder"), "compact");
  EXPECT_EQ(read_safetensors(file).metadata.at("kind"), "painter");
  EXPECT_NO_THROW(info().make(Values(info().options, {{"model", file}}))->run(inputs(), {}));
}

TEST_F(SketchColor, LearnsFromSketchesOfOnesOwn) {
  std::filesystem::create_directories(folder_ / "sketches");
  for (int i = 0; i < 3; ++i)
    write_image((folder_ / "sketches" / ("picture" + std::to_string(i) + ".png")).string(),
                to_image(torch::ones({1, 3, 48, 48})));
  const auto paintings = (folder_ / "paintings").string();
  EXPECT_NO_THROW(train(*task(small({{"targets", paintings}}), "sketches"), run("own", 1), kGoOn));
  std::filesystem::remove(folder_ / "sketches" / "picture1.png");
  EXPECT_THROW(task(small({{"targets", paintings}}), "sketches"), Error);
}

TEST_F(SketchColor, RefusesWhatItCannotPaint) {
  EXPECT_THROW(task(small({{"crop", "33"}})), Error);
  EXPECT_THROW(task(small(), "nowhere"), Error);
  EXPECT_THROW(info().make(Values(info().options, {{"model", "gallery"}}))->run(inputs(), {}), Error);
  EXPECT_THROW(info().make(Values(info().options, {{"model", "nowhere.safetensors"}}))->run(inputs(), {}), Error);
}

}  // namespace
}  // namespace atelier::methods::sketch_color
