#include "methods/refined_painting.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "losses/gram.h"
#include "losses/tv.h"
#include "support/fixture_pair.h"
#include "tensor/resize.h"

namespace atelier {
namespace {

std::shared_ptr<const Encoder> compact() { return open_encoder("compact", {.precision = Precision::kFloat32}); }

/// Paints the photo in grey.
Tensor grey(const Inputs& inputs, const OnProgress& on_progress) {
  Progress progress;
  progress.step = progress.steps = 1;
  if (on_progress) on_progress(progress);
  return inputs.content.mean(1, true).expand_as(inputs.content).contiguous();
}

double loss_of(const Tensor& picture, const Inputs& inputs) {
  ObjectiveSettings settings;
  settings.content_layers = parse_layers("relu4_2");
  settings.style_layers = parse_layers(kStyleLayers);
  settings.content_weight = 1;
  return make_objective(compact(), inputs, settings, {64, 64, 1})(picture).total();
}

TEST(Refinement, LowersTheLossOfWhatWasPainted) {
  const auto inputs = fixture_pair();
  const auto painted = grey(inputs, {});
  const auto refined = paint_refined(inputs, {.usual_steps = 6}, compact(), grey, {});
  EXPECT_EQ(refined.sizes(), inputs.content.sizes());
  EXPECT_LT(loss_of(refined, inputs), 0.6 * loss_of(painted, inputs));
}

TEST(Refinement, PaintsItsDraftSmallerAndWithoutStepsAtFullSize) {
  const auto inputs = fixture_pair();
  std::vector<std::int64_t> sides;
  const auto paint = [&](const Inputs& given, const OnProgress& on_progress) {
    sides.push_back(given.content.size(2));
    return grey(given, on_progress);
  };
  paint_refined(inputs, {.usual_steps = 1}, compact(), paint, {});
  EXPECT_TRUE(torch::equal(paint_refined(inputs, {}, compact(), paint, {}), grey(inputs, {})));
  EXPECT_EQ(sides, (std::vector<std::int64_t>{45, 64}));
}

TEST(Refinement, LeavesThePhotoWhereNoMaskCovers) {
  auto inputs = fixture_pair();
  inputs.styles[0].mask = torch::zeros({1, 1, 64, 64});
  inputs.styles[0].mask.slice(3, 32).fill_(1);
  const auto refined = paint_refined(inputs, {.usual_steps = 2}, compact(), grey, {});
  EXPECT_TRUE(torch::allclose(refined.slice(3, 0, 32), inputs.content.slice(3, 0, 32), 0, 1e-6));
  EXPECT_FALSE(torch::allclose(refined.slice(3, 32), inputs.content.slice(3, 32), 0, 1e-2));
}

TEST(Refinement, BeginsOnSmallCopiesWithPaintingsTooWhenAskedTo) {
  auto inputs = fixture_pair();
  inputs.content = resize_picture(inputs.content, 80, 80);
  int painted = 0;
  const auto paint = [&](const Inputs& given, const OnProgress& on_progress) {
    ++painted;
    return grey(given, on_progress);
  };
  const auto refined = paint_refined(inputs, {.steps = 6, .coarsest = 40}, compact(), paint, {});
  EXPECT_EQ(painted, 2);
  EXPECT_EQ(refined.sizes(), inputs.content.sizes());
}

TEST(Refinement, TellsProgressOfBothWorksAsOne) {
  std::vector<int> steps;
  paint_refined(fixture_pair(), {.usual_steps = 2}, compact(), grey, [&](const Progress& progress) {
    EXPECT_EQ(progress.steps, 3);
    steps.push_back(progress.step);
    return true;
  });
  EXPECT_EQ(steps, (std::vector<int>{1, 2, 3}));
}

/// The fixture's pair enlarged, so that there is a smaller copy; what each of the style's layers wants.
struct CoarseToFine {
  Inputs inputs = fixture_pair();
  std::vector<StyleGrams> grams{1};
  Refinement refinement{.steps = 6, .content_weight = 0.1, .coarsest = 40};

  CoarseToFine() {
    inputs.content = resize_picture(inputs.content, 80, 80);
    for (const auto& features : compact()->features(inputs.styles[0].picture, taps_of(parse_layers(kStyleLayers))))
      grams[0].matrices.push_back(losses::gram(features));
  }

  Tensor paint(const PaintOnce& once, const OnProgress& on_progress = {}) const {
    return paint_refined(inputs, refinement, compact(), once, on_progress, grams);
  }
};

TEST(Refinement, PaintsOverWhatSmallCopiesGave) {
  const CoarseToFine work;
  std::vector<Tensor> given;
  const auto painted = work.paint([&](const Inputs& inputs, const OnProgress& on_progress) {
    given.push_back(inputs.content);
    return grey(inputs, on_progress);
  });
  ASSERT_EQ(given.size(), 2U);
  EXPECT_EQ(given[0].size(2), 56);
  EXPECT_EQ(given[1].size(2), 80);
  EXPECT_GT((given[1] - work.inputs.content).abs().mean().item<double>(), 0.02);
  EXPECT_EQ(painted.sizes(), work.inputs.content.sizes());
}

TEST(Refinement, PicturesTooSmallForCopiesArePaintedAtFullSize) {
  CoarseToFine work;
  work.refinement.coarsest = 60;
  std::vector<std::int64_t> sides;
  work.paint([&](const Inputs& inputs, const OnProgress& on_progress) {
    sides.push_back(inputs.content.size(2));
    return grey(inputs, on_progress);
  });
  EXPECT_EQ(sides, (std::vector<std::int64_t>{80}));
}

TEST(Refinement, TellsProgressOfAllWorksAsOne) {
  std::vector<int> steps;
  double seconds = 0;
  CoarseToFine().paint(grey, [&](const Progress& progress) {
    EXPECT_EQ(progress.steps, 8);
    EXPECT_GE(progress.seconds, seconds);
    EXPECT_TRUE(progress.step >= 7 || progress.seconds_left < 0) << "known for the last work only";
    seconds = progress.seconds;
    steps.push_back(progress.step);
    return true;
  });
  EXPECT_EQ(steps, (std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(Refinement, StopsInAnyOfItsWorksWithAPictureOfFullSize) {
  CoarseToFine work;
  work.inputs.keep_best_on_stop = true;
  for (int allowed = 0; allowed < 8; ++allowed) {
    int told = 0;
    const auto stopped = work.paint(grey, [&](const Progress&) { return ++told <= allowed; });
    EXPECT_EQ(stopped.sizes(), work.inputs.content.sizes()) << allowed;
    EXPECT_EQ(told, allowed + 1);
  }
  work.inputs.keep_best_on_stop = false;
  EXPECT_THROW(work.paint(grey, [](const Progress& progress) { return progress.step < 3; }), Error);
}

TEST(Refinement, StopsWithTheDraftOrWithoutAPicture) {
  auto inputs = fixture_pair();
  const auto stop = [](const Progress& progress) { return progress.step < 2; };
  EXPECT_THROW(paint_refined(inputs, {.usual_steps = 5}, compact(), grey, stop), Error);
  inputs.keep_best_on_stop = true;
  int told = 0;
  const auto at_once = [&](const Progress&) { return ++told > 1; };
  const auto stopped = paint_refined(inputs, {.usual_steps = 5}, compact(), grey, at_once);
  EXPECT_EQ(stopped.sizes(), inputs.content.sizes());
  EXPECT_EQ(told, 1);
}

TEST(Refinement, LargePicturesOnlyIfAskedFor) {
  Inputs inputs;
  inputs.styles.resize(1);
  const auto forecast = [&](std::int64_t side, const Refinement& refinement) {
    inputs.content = torch::zeros({1, 1, 1, 1}).expand({1, 3, side, side});
    inputs.styles[0].picture = inputs.content;
    return refined_memory(inputs, refinement, *compact(), [](const Inputs&) { return std::size_t{1}; });
  };
  EXPECT_GT(forecast(2000, {.usual_steps = 8}), 1'000'000'000U);
  EXPECT_EQ(forecast(2001, {.usual_steps = 8}), 1U);
  EXPECT_GT(forecast(2001, {.steps = 8}), 1'000'000'000U);
  EXPECT_EQ(forecast(2000, {.steps = 0, .usual_steps = 8}), 1U);
  EXPECT_EQ(forecast(31, {.usual_steps = 8}), 1U);
}

TEST(Refinement, KnownMatricesGiveTheLossOfTheirPicture) {
  const auto inputs = fixture_pair();
  ObjectiveSettings settings;
  settings.content_layers = parse_layers("relu4_2");
  settings.style_layers = parse_layers("relu1_1,relu3_1:2");
  const auto features = compact()->features(inputs.styles[0].picture, {"relu1_1", "relu3_1"});
  const std::vector<StyleGrams> known = {{{losses::gram(features[0]), losses::gram(features[1])}}};
  const auto by_picture = make_objective(compact(), inputs, settings, {64, 64, 1})(inputs.content);
  const auto by_grams = make_objective(compact(), inputs.content, known, settings, {64, 64, 1})(inputs.content);
  EXPECT_NEAR(by_grams.total(), by_picture.total(), 1e-5 * by_picture.total());
  EXPECT_TRUE(torch::allclose(by_grams.gradient, by_picture.gradient, 1e-3, 1e-8));
  settings.style_layers = parse_layers("relu1_1");
  EXPECT_THROW(make_objective(compact(), inputs.content, known, settings, {64, 64, 1}), Error);
  settings.style_layers = parse_layers("relu2_1,relu3_1");
  EXPECT_THROW(make_objective(compact(), inputs.content, known, settings, {64, 64, 1}), Error);
}

TEST(Refinement, KeepsFlatPhotosSmoothUnlessItBeginsOnSmallCopies) {
  auto inputs = fixture_pair();
  inputs.content = torch::full_like(inputs.content, 0.4);
  const auto noisy = [](const Inputs& given, const OnProgress&) {
    torch::manual_seed(1);
    return (given.content + 0.2 * torch::rand_like(given.content)).clamp(0, 1);
  };
  const auto roughness = [&](std::int64_t coarsest) {
    const auto refined = paint_refined(inputs, {.usual_steps = 12, .coarsest = coarsest}, compact(), noisy, {});
    return losses::tv_squared(refined).item<double>();
  };
  EXPECT_LT(roughness(0), 0.5 * roughness(32));
  EXPECT_LT(roughness(64), 0.5 * roughness(32)) << "64 pixels have no smaller copies";
}

TEST(Refinement, ReadsItsOptions) {
  const auto options = refinement_options({.usual_steps = 8});
  EXPECT_FALSE(refinement_of(Values(options, {})).steps);
  const auto asked = refinement_of(Values(options, {{"refine", "0"}, {"refine-content", "2.5"}}));
  EXPECT_EQ(asked.steps, 0);
  EXPECT_EQ(asked.content_weight, 2.5);
  EXPECT_EQ(asked.coarsest, 0);
  EXPECT_EQ(refinement_of(Values(options, {{"refine-from", "192"}})).coarsest, 192);
  EXPECT_EQ(refinement_of(Values(refinement_options("steps", {.coarsest = 100}), {})).coarsest, 100);
  EXPECT_THROW(Values(options, {{"refine", "-1"}}), Error);
}

}  // namespace
}  // namespace atelier
