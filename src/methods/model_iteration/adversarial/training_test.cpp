// The trainings of pix2pix, cyclegan, discogan, dualgan and content-gan, with tiny networks on a few pictures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "media/image_file.h"
#include "methods/method.h"
#include "methods/model_iteration/adversarial/paint_model.h"
#include "support/same_tensors.h"
#include "support/weight_files.h"
#include "tensor/image_tensor.h"
#include "tensor/resize.h"
#include "training/style_training.h"
#include "training/trainer.h"
#include "weights/safetensors.h"

namespace atelier::methods {
namespace {

using testing::HasSubstr;
using Given = std::map<std::string, std::string>;

/// Folders of small pictures: "photos" with soft ones, "paintings" with the same inverted and red.
class AdversarialMethods : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    for (int i = 0; i < 3; ++i) {
      torch::manual_seed(i);
      const auto photo = resize(torch::rand({1, 3, 4, 4}), 32, 32, Filter::kBilinear);
      write("photos", i, photo);
      write("paintings", i, (1 - photo) * torch::tensor({1.F, 0.5F, 0.5F}).reshape({1, 3, 1, 1}));
    }
  }
  void write(const std::string& folder, int i, const Tensor& picture) {
    std::filesystem::create_directories(folder_ / folder);
    write_image((folder_ / folder / ("picture" + std::to_string(i) + ".png")).string(), to_image(picture));
  }

  Given small(Given more = {}) const {
    Given given = {{"batch", "2"},
                   {"crop", "32"},
                   {"critic-width", "4"},
                   {"width", "4"},
                   {"targets", (folder_ / "paintings").string()}};
    const auto& info = find_method(GetParam());
    for (const auto& [name, value] : Given{{"depth", "3"}, {"blocks", "1"}, {"critic-layers", "2"}, {"pool", "4"}})
      for (const auto& option : info.training_options)
        if (option.name == name) given[name] = value;
    for (const auto& [name, value] : more) given[name] = value;
    return given;
  }

  std::unique_ptr<TrainingTask> task(const Given& given) const {
    const auto& info = find_method(GetParam());
    return info.make_training(Values(info.training_options, given),
                              {.photos = {folder_ / "photos"}, .styles = {}, .bf16 = false});
  }

  TrainingOptions run(const std::string& name, std::int64_t steps) const {
    TrainingOptions options;
    options.output = folder_ / (name + ".safetensors");
    options.preview = folder_ / (name + ".png");
    options.steps = steps;
    return options;
  }

  /// The share of a term that is left after sixty steps.
  double left_of(const std::string& term, const Given& more) const {
    TrainingOptions options;
    options.steps = 60;
    options.learning_rate = 5e-3;
    double first = 0, last = 0;
    train(*task(small(more)), options, [&](const TrainingProgress& progress) {
      last = progress.result.terms.at(term);
      if (progress.step == 1) first = last;
      return true;
    });
    return last / first;
  }

  std::string fault(const Given& given) const {
    return test::message_of([&] { task(given); });
  }

  test::TemporaryFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Methods, AdversarialMethods,
                         testing::Values("pix2pix", "cyclegan", "discogan", "dualgan", "content-gan"),
                         [](const auto& param) {
                           std::string name = param.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

const auto kGoOn = [](const TrainingProgress&) { return true; };

/// DiscoGAN's U-Net has no place for dropout.
TEST_P(AdversarialMethods, DropoutIsRefusedWhereItHasNoEffect) {
  const std::string method = GetParam();
  if (method == "content-gan") return;  // has options of its own
  for (const std::string generator : {"unet", "resnet"}) {
    const auto said = fault(small({{"generator", generator}, {"dropout", "0.5"}}));
    if (method == "discogan" && generator == "unet") {
      EXPECT_THAT(said, HasSubstr("leave out --dropout"));
    } else {
      EXPECT_EQ(said, "") << generator;
    }
  }
}

TEST_P(AdversarialMethods, AnInterruptedTrainingEndsAsAWholeOne) {
  train(*task(small()), run("whole", 4), kGoOn);
  auto parts = run("parts", 4);
  train(*task(small()), parts, [](const TrainingProgress& progress) { return progress.step < 2; });
  parts.resume = true;
  train(*task(small()), parts, kGoOn);
  test::expect_same_tensors(read_safetensors(folder_ / "whole.safetensors.checkpoint"),
                            read_safetensors(folder_ / "parts.safetensors.checkpoint"));
}

TEST_P(AdversarialMethods, WritesAModelThatTheMethodAppliesAndASheet) {
  train(*task(small()), run("model", 2), kGoOn);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "model.png"));
  const auto& info = find_method(GetParam());
  Inputs inputs;
  inputs.content = torch::rand({1, 3, 37, 50});
  inputs.styles.resize(1);
  inputs.styles[0].model = (folder_ / "model.safetensors").string();
  inputs.precision = "fp32";
  const auto painted = info.make(Values(info.options, {}))->run(inputs, {});
  EXPECT_EQ(painted.sizes(), inputs.content.sizes());
  const bool two_ways = std::any_of(info.options.begin(), info.options.end(),
                                    [](const Option& option) { return option.name == "direction"; });
  if (!two_ways) return;
  const auto back = info.make(Values(info.options, {{"direction", "backward"}}))->run(inputs, {});
  EXPECT_FALSE(back.equal(painted));
}

TEST_P(AdversarialMethods, RefusesACheckpointOfOtherSettings) {
  train(*task(small()), run("first", 1), kGoOn);
  auto again = run("first", 2);
  again.resume = true;
  EXPECT_THAT(test::message_of([&] {
                train(*task(small({{"batch", "1"}})), again, kGoOn);
              }),
              HasSubstr("other settings"));
}

TEST_P(AdversarialMethods, RefusesMissingAndEmptyFolders) {
  EXPECT_THROW(task(small({{"targets", (folder_ / "nowhere").string()}})), Error);
  std::filesystem::create_directories(folder_ / "empty");
  EXPECT_THROW(task(small({{"targets", (folder_ / "empty").string()}})), Error);
}

TEST_P(AdversarialMethods, RefusesACropThatTheNetworkCannotTake) {
  EXPECT_THAT(fault(small({{"crop", "34"}})), HasSubstr("--crop"));
}

TEST_P(AdversarialMethods, LearnsFromOnePictureOfEachKind) {
  for (const auto* folder : {"photos", "paintings"})
    for (const auto* name : {"picture1.png", "picture2.png"}) std::filesystem::remove(folder_ / folder / name);
  EXPECT_NO_THROW(train(*task(small({{"batch", "1"}})), run("one", 1), kGoOn));
}

TEST_P(AdversarialMethods, TakesEveryAdversarialLoss) {
  for (const auto* loss : {"bce", "lsgan", "wgan", "hinge"}) {
    const auto given = small({{"gan-loss", loss}, {"gradient-penalty", "10"}, {"spectral-norm", "true"}});
    double last = std::numeric_limits<double>::quiet_NaN();
    auto options = run("loss", 1);
    options.output.clear();
    options.preview.clear();
    train(*task(given), options, [&](const TrainingProgress& progress) {
      last = progress.result.loss;
      return progress.note.empty();
    });
    EXPECT_TRUE(std::isfinite(last)) << loss;
  }
}

class PairedTraining : public AdversarialMethods {};
INSTANTIATE_TEST_SUITE_P(Pix2pix, PairedTraining, testing::Values("pix2pix"));

TEST_P(PairedTraining, ComesNearerToTheTargets) {
  EXPECT_LT(left_of("l1", {{"generator", "unet"}, {"dropout", "0"}}), 0.6);
}

TEST_P(PairedTraining, ReadsSideBySidePicturesToo) {
  for (int i = 0; i < 2; ++i) write("both", i, torch::rand({1, 3, 32, 64}));
  auto given = small();
  given.erase("targets");
  const auto& info = find_method("pix2pix");
  for (const auto* side : {"left", "right"}) {
    given["side"] = side;
    EXPECT_NO_THROW(info.make_training(Values(info.training_options, given),
                                       {.photos = {folder_ / "both"}, .styles = {}, .bf16 = false}));
  }
}

class UnpairedTraining : public AdversarialMethods {};
INSTANTIATE_TEST_SUITE_P(Cyclegan, UnpairedTraining, testing::Values("cyclegan"));

TEST_P(UnpairedTraining, ComesBackNearerToWhereItStarted) { EXPECT_LT(left_of("cycle", {}), 0.6); }

TEST_P(UnpairedTraining, NeedsTargets) { EXPECT_THAT(fault(small({{"targets", ""}})), HasSubstr("add --targets")); }

TEST_P(UnpairedTraining, AModelOfOneWayHasNoWayBack) {
  const auto file = folder_ / "one-way.safetensors";
  auto model = find_method("pix2pix").tiny_model();
  write_safetensors(file, model);
  EXPECT_THAT(test::message_of([&] { open_translator(file.string(), {.method = "pix2pix", .backward = true}); }),
              HasSubstr("one way only"));
}

}  // namespace
}  // namespace atelier::methods
