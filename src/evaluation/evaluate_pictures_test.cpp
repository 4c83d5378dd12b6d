// Pairing, choosing metrics, measuring and reporting, on files.
#include "evaluation/evaluate_pictures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "evaluation/evaluation_report.h"
#include "metrics/ssim.h"
#include "support/fault.h"
#include "support/fixtures.h"
#include "support/test_pictures.h"
#include "support/weight_files.h"
#include "tensor/weight_tensor.h"
#include "training/adversarial/saved_critic.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using testing::fault;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr const char* kPixelMetrics = "ssim,psnr,swd-lab,spectrum,palette,palette-difference,checkerboard,border";

class Evaluate : public ::testing::Test {
 protected:
  Evaluate() {
    for (const char* name : {"photo.png", "out/a.png", "photos/a.jpg"}) copy("photo_64.png", name);
    for (const char* name : {"style.png", "out/b.png"}) copy("painting_64.png", name);
    copy("photo_128.png", "photos/b.png");
  }

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  void copy(const std::string& from, const std::string& to) const {
    fs::create_directories((folder_.path() / to).parent_path());
    write_image(path(to), read_image(fixture(from)));
  }
  void write(const std::string& name, const Image& image) const { write_image(path(name), image); }

  Evaluation pixels_of(const EvaluatedFiles& files) const { return evaluate_pictures({files}, {kPixelMetrics}); }

  test::TemporaryFolder folder_;
};

double value(const Evaluation& evaluation, const std::string& metric, std::size_t picture = 0) {
  for (std::size_t i = 0; i < evaluation.metrics.size(); ++i)
    if (evaluation.metrics[i].name == metric) return evaluation.pictures[picture].values[i];
  throw Error("no metric " + metric);
}

TEST_F(Evaluate, PairsFoldersByNameWhateverTheExtension) {
  const auto paired = pair_files({{path("out")}, path("photos"), path("style.png"), ""});
  ASSERT_EQ(paired.pictures.size(), 2u);
  EXPECT_EQ(paired.pictures[0].result, path("out/a.png"));
  EXPECT_EQ(paired.pictures[0].content, path("photos/a.jpg"));
  EXPECT_EQ(paired.pictures[1].content, path("photos/b.png"));
  EXPECT_EQ(paired.pictures[1].style, path("style.png"));
  EXPECT_THAT(paired.notes, IsEmpty());
}

TEST_F(Evaluate, NamesTheFirstResultWithoutAPartner) {
  fs::remove(path("photos/b.png"));
  EXPECT_THAT(fault([&] {
                pair_files({{path("out")}, path("photos"), "", ""});
              }),
              HasSubstr("\"" + path("out/b.png") + "\" has no content of its name in"));
  EXPECT_THAT(fault([&] { pair_files({{path("none.png")}, "", "", ""}); }), StartsWith("there is no result"));
  EXPECT_THAT(fault([&] { pair_files({{path("out")}, "", path("none"), ""}); }), StartsWith("there is no style"));
  EXPECT_THAT(fault([&] { pair_files({{}, "", "", ""}); }), HasSubstr("no result"));
  fs::create_directory(path("empty"));
  EXPECT_THAT(fault([&] { pair_files({{path("empty")}, "", "", ""}); }), HasSubstr("no picture in the folder"));
}

TEST_F(Evaluate, TellsOfPartnersThatNobodyAskedFor) {
  copy("photo_64.png", "photos/c.png");
  copy("photo_64.png", "photos/d.png");
  const auto paired = pair_files({{path("out")}, path("photos"), "", ""});
  ASSERT_EQ(paired.notes.size(), 1u);
  EXPECT_THAT(paired.notes[0], StartsWith("2 of "));
  EXPECT_THAT(paired.notes[0], HasSubstr("c.png"));
}

TEST_F(Evaluate, PrefersTheVeryNameAndRefusesToGuess) {
  copy("photo_64.png", "photos/a.png");
  EXPECT_EQ(pair_files({{path("out/a.png")}, path("photos"), "", ""}).pictures[0].content, path("photos/a.png"));
  fs::rename(path("photos/a.png"), path("photos/a.webp"));
  EXPECT_THAT(fault([&] { pair_files({{path("out/a.png")}, path("photos"), "", ""}); }), HasSubstr("could go with"));
}

TEST(MetricList, ChoosesWhatIsPossibleAndNamesWhatIsMissing) {
  const auto names = [](const Given& given) {
    std::vector<std::string> chosen;
    for (const auto& metric : chosen_metrics("", given)) chosen.emplace_back(metric.name);
    return chosen;
  };
  EXPECT_THAT(names({}), ElementsAre("palette", "checkerboard"));
  EXPECT_THAT(names({.tile = true}), ElementsAre("palette", "checkerboard", "seam"));
  EXPECT_EQ(names({.content = true, .style = true, .tile = true, .critic = true}).size(), all_metrics().size());
  const auto refusal = [](const std::string& list) { return fault([&] { chosen_metrics(list, {.content = true}); }); };
  EXPECT_THAT(refusal("style"), HasSubstr("add --content PHOTO and --style PAINTING"));
  EXPECT_THAT(refusal("ssim,seam"), HasSubstr("add --tile N"));
  EXPECT_THAT(refusal("critic"), HasSubstr("add --critic CHECKPOINT"));
  EXPECT_THAT(refusal("simm"), HasSubstr("did you mean \"ssim\"?"));
  EXPECT_THAT(refusal("ssim,"), HasSubstr("there is no metric \"\""));
}

TEST(MetricList, ComparesWithTheReferenceWhereThereIsOne) {
  const auto ssim = chosen_metrics("ssim", {.content = true}).front();
  EXPECT_EQ(against(ssim, {.content = true}), "content");
  EXPECT_EQ(against(ssim, {.content = true, .reference = true}), "reference");
}

TEST_F(Evaluate, ThePhotoItselfIsPerfectButForItsStyle) {
  const auto found = pixels_of({path("out/a.png"), path("photo.png"), path("style.png"), ""});
  EXPECT_EQ(value(found, "ssim"), 1);
  EXPECT_TRUE(std::isinf(value(found, "psnr")));
  EXPECT_EQ(value(found, "border"), 0);
  EXPECT_GT(value(found, "swd-lab"), 0);
  EXPECT_THAT(found.pictures[0].notes, ElementsAre(HasSubstr("psnr: infinite")));
  EXPECT_EQ(mean_of(found, 0), 1);
  EXPECT_TRUE(std::isnan(mean_of(found, 1)));  // infinity is no number to average
}

TEST_F(Evaluate, ComparesWithTheReferenceRatherThanTheContent) {
  const auto found = pixels_of({path("out/b.png"), path("photo.png"), path("photo.png"), path("style.png")});
  EXPECT_EQ(value(found, "ssim"), 1);
  EXPECT_NEAR(value(found, "swd-lab"), 0, 1e-12);
  EXPECT_EQ(value(found, "palette-difference"), 0);
}

TEST_F(Evaluate, BringsThePhotoToTheResultsSize) {
  const auto found = evaluate_pictures({{path("out/a.png"), path("photos/b.png"), "", ""}}, {"ssim"});
  EXPECT_GT(value(found, "ssim"), 0.9);  // photo_128 is photo_64, larger
}

TEST_F(Evaluate, MeasuresSmallResultsAtTheirOwnSize) {
  const auto measured = [&](int size) {
    return value(evaluate_pictures({{path("out/b.png"), path("photo.png"), path("style.png"), ""}},
                                   {.metrics = "content", .size = size}),
                 "content");
  };
  EXPECT_EQ(measured(512), measured(64)) << "the result has 64 pixels";
}

TEST_F(Evaluate, MeasuresFeaturesWithAnEncoder) {
  const auto found = evaluate_pictures({{path("out/a.png"), path("photo.png"), path("style.png"), ""},
                                        {path("out/b.png"), path("photo.png"), path("style.png"), ""}},
                                       {.metrics = "style,content,gram", .size = 64});
  EXPECT_NEAR(value(found, "style", 0), 1, 1e-5);
  EXPECT_NEAR(value(found, "content", 0), 0, 1e-5);
  EXPECT_NEAR(value(found, "style", 1), 0, 1e-5);
  EXPECT_NEAR(value(found, "gram", 1), 0, 1e-5);
  EXPECT_GT(value(found, "content", 1), 0.1);
  EXPECT_EQ(found.pictures[1].style_ratio_per_tap.size(), 5u);
}

/// The checkpoint of a critic whose verdict is the mean of all values that it sees.
std::string write_critic(const std::string& file, bool with_photo = false) {
  NetworkBuilder build(1);
  auto x = build.input("picture");
  if (with_photo) x = build.apply("both", Op::kConcat, {x, build.input("photo")});
  build.conv("mean", x, with_photo ? 6 : 3, 1, 1, {.bias = false});
  auto network = build.build();
  network.parameters.at("mean.weight").fill_(with_photo ? 1. / 6 : 1. / 3);
  const Critic critic("critic", network, {});
  auto weights = to_weight_set({{"critics/parameter/critic/mean.weight", network.parameters.at("mean.weight")}});
  weights.metadata[critic_key("critic")] = critic_description(critic);
  write_safetensors(file, weights);
  return file;
}

TEST_F(Evaluate, AsksACriticAndSaysHowOftenItIsRight) {
  const auto grey = [&](const std::string& name, double value) {
    write(name, testing::grey_picture(32, 32, [=](int, int) { return value; }));
    return path(name);
  };
  const auto real = grey("real.png", 0.8), dim = grey("dim.png", 0.4), dark = grey("dark.png", 0),
             bright = grey("bright.png", 0.6);
  const EvaluationSettings settings{.metrics = "critic", .critic = write_critic(path("m.checkpoint"))};
  // Real at 0.8 and 0.4, made at 0 and 0.6; least squares: the border is 0.5.
  const auto found = evaluate_pictures({{dark, "", "", real}, {bright, "", "", dim}}, settings);
  EXPECT_NEAR(value(found, "critic", 1), 0.6, 1e-3);
  ASSERT_TRUE(found.critic.has_value());
  EXPECT_EQ(found.critic->accuracy.real, 0.5);
  EXPECT_EQ(found.critic->accuracy.fake, 0.5);
  EXPECT_EQ(found.critic->accuracy.best_accuracy, 0.75);
  EXPECT_EQ(nlohmann::json::parse(evaluation_json(found))["critic"]["verdicts_on_real"].size(), 2u);
  EXPECT_THAT(critic_line(found), StartsWith("critic accuracy 0.500  real 0.500  made 0.500  best 0.750 at 0.2"));
  EXPECT_THAT(evaluation_html(found), HasSubstr("critic accuracy 0.500"));
  // Styles are real too, each counted once; without either there is no accuracy.
  EXPECT_EQ(evaluate_pictures({{dark, "", real, ""}, {bright, "", real, ""}}, settings).critic->on_real.size(), 1u);
  EXPECT_FALSE(evaluate_pictures({{dark, "", "", ""}}, settings).critic.has_value());
  EXPECT_EQ(critic_line(evaluate_pictures({{dark, "", "", ""}}, settings)), "");
}

TEST_F(Evaluate, ACriticOfPairsNeedsThePhoto) {
  const EvaluationSettings settings{.metrics = "critic", .critic = write_critic(path("m.checkpoint"), true)};
  const auto found = evaluate_pictures({{path("out/a.png"), path("photo.png"), "", path("out/a.png")}}, settings);
  EXPECT_NEAR(value(found, "critic"), found.critic->on_real.begin()->second, 1e-6);
  EXPECT_THAT(fault([&] {
                evaluate_pictures({{path("out/a.png"), "", "", ""}}, settings);
              }),
              HasSubstr("add --content PHOTO"));
  EXPECT_THAT(fault([&] {
                evaluate_pictures({{path("out/a.png"), "", "", ""}}, {.metrics = "critic", .critic = path("none")});
              }),
              HasSubstr("none"));
}

TEST_F(Evaluate, RefusesPicturesOfOtherShapesByName) {
  write("wide.png", testing::noise_picture(64, 48, 1));
  const auto shape = fault([&] { pixels_of({path("wide.png"), path("photo.png"), path("style.png"), ""}); });
  EXPECT_THAT(shape, HasSubstr("wide.png\" (64x48) and its content"));
  EXPECT_THAT(shape, HasSubstr("differ in shape"));
  EXPECT_THAT(fault([&] {
                evaluate_pictures({{path("out/a.png"), "", "", path("photos/b.png")}}, {"ssim"});
              }),
              HasSubstr("(128x128) differ in size"));
  EXPECT_THAT(fault([&] { evaluate_pictures({}, {}); }), HasSubstr("nothing to measure"));
}

TEST_F(Evaluate, NotesWhatASmallPictureDoesNotAllow) {
  const auto found = evaluate_pictures({{path("out/b.png"), path("photo.png"), "", ""}}, {"ms-ssim,ssim"});
  EXPECT_TRUE(std::isnan(value(found, "ms-ssim")));
  EXPECT_FALSE(std::isnan(value(found, "ssim")));
  EXPECT_THAT(found.pictures[0].notes, ElementsAre(HasSubstr("at least 161 each way")));
}

TEST_F(Evaluate, TakesGreyAndFlatPictures) {
  write("grey.png", testing::grey_picture(64, 64, [](int, int) { return 0.5; }));
  const auto found = pixels_of({path("grey.png"), path("grey.png"), path("grey.png"), ""});
  EXPECT_EQ(value(found, "ssim"), 1);
  EXPECT_EQ(value(found, "palette"), 1);
  EXPECT_NEAR(value(found, "checkerboard"), 0, 1e-9);
  EXPECT_EQ(value(found, "border"), 0);
}

TEST_F(Evaluate, StopsWhenAskedAndKeepsWhatIsDone) {
  const EvaluatedFiles one{path("out/a.png"), path("photo.png"), "", ""};
  const auto stop = [](const Evaluation&) { return false; };
  const auto stopped = evaluate_pictures({one, one, one}, {"ssim"}, stop);
  EXPECT_FALSE(stopped.complete);
  EXPECT_EQ(stopped.pictures.size(), 1u);
  EXPECT_TRUE(evaluate_pictures({one}, {"ssim"}, stop).complete);  // nothing was left to do
}

Evaluation with_awkward_values() {
  Evaluation evaluation;
  evaluation.given = {.content = true};
  evaluation.metrics = chosen_metrics("ssim,psnr", evaluation.given);
  evaluation.pictures = {{{"a,\"b\".png", "c.png", "", ""}, {0.5, 20}, {}, {}, {}, {}},
                         {{"d<e.png", "c.png", "", ""}, {NAN, 30}, {"ssim: too small"}, {}, {}, {}}};
  return evaluation;
}

TEST(EvaluationReport, CsvQuotesNamesAndLeavesGapsEmpty) {
  EXPECT_EQ(evaluation_csv(with_awkward_values()),
            "result,content,style,reference,ssim,psnr\n"
            "\"a,\"\"b\"\".png\",c.png,,,0.5,20\n"
            "d<e.png,c.png,,,,30\n"
            "mean,,,,0.5,25\n");
}

TEST(EvaluationReport, JsonHoldsScoresMeansAndNotes) {
  const auto json = nlohmann::json::parse(evaluation_json(with_awkward_values()));
  EXPECT_EQ(json["metrics"][0]["against"], "content");
  EXPECT_EQ(json["metrics"][1]["better"], "higher");
  EXPECT_EQ(json["pictures"][0]["scores"]["psnr"], 20);
  EXPECT_TRUE(json["pictures"][1]["scores"]["ssim"].is_null());
  EXPECT_EQ(json["pictures"][1]["notes"][0], "ssim: too small");
  EXPECT_EQ(json["mean"]["psnr"], 25);
}

TEST_F(Evaluate, HtmlShowsEveryPictureMetricAndNote) {
  const auto found = evaluate_pictures({{path("out/a.png"), path("photo.png"), path("style.png"), ""},
                                        {path("out/b.png"), path("photo.png"), path("style.png"), ""}},
                                       {std::string(kPixelMetrics) + ",ms-ssim"});
  const auto page = evaluation_html(found);
  std::size_t pictures = 0;
  for (auto at = page.find("<img"); at != std::string::npos; at = page.find("<img", at + 1)) ++pictures;
  EXPECT_EQ(pictures, 6u);
  for (const auto& metric : found.metrics) EXPECT_THAT(page, HasSubstr(std::string("<h2>") + metric.name + " "));
  EXPECT_THAT(page, HasSubstr("at least 161 each way"));
  EXPECT_THAT(page, HasSubstr("radial power spectrum"));
}

TEST(ShownValue, KeepsThreeOrFourDigits) {
  EXPECT_EQ(shown_value(0.51234), "0.512");
  EXPECT_EQ(shown_value(-12.345), "-12.35");
  EXPECT_EQ(shown_value(1234.5), "1234");
  EXPECT_EQ(shown_value(NAN), "–");
}

}  // namespace
}  // namespace atelier
