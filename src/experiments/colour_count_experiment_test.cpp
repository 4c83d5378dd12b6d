#include "experiments/colour_count_experiment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "experiments/colour_count_report.h"
#include "media/image_file.h"
#include "support/weight_files.h"

namespace atelier {
namespace {

Image field(int side, float level) {
  Image image;
  image.width = image.height = side;
  image.rgb.assign(image.pixels() * 3, level);
  return image;
}

/// `count` pairs side by side: a grey photo, and a target in two halves.
void write_pairs(const std::filesystem::path& folder, int count) {
  std::filesystem::create_directories(folder);
  for (int i = 0; i < count; ++i) {
    auto pair = field(64, 0.1F * static_cast<float>(i % 8));
    for (std::size_t p = 0; p < pair.rgb.size(); ++p)
      if (p / 3 % 64 >= 48) pair.rgb[p] = 0.9F;
    Image wide = pair;
    wide.height = 32;
    wide.rgb.resize(wide.pixels() * 3);
    write_image((folder / ("p" + std::to_string(i) + ".png")).string(), wide);
  }
}

TEST(ColourCountExperiment, ConfidenceMatchesAHandComputedInterval) {  // deviation 1 of three, t = 4.303
  const auto interval = confidence({1, 2, 3});
  EXPECT_DOUBLE_EQ(interval.mean, 2);
  EXPECT_NEAR(interval.half_width, 4.303 / std::sqrt(3.0), 1e-9);
  EXPECT_TRUE(std::isinf(confidence({5}).half_width));
  EXPECT_THROW(confidence({}), Error);
}

TEST(ColourCountExperiment, LiteralEqualsNoneAndTheReportIsComplete) {
  const test::TemporaryFolder folder;
  const auto pairs = folder / "pairs", out = folder / "out";
  write_pairs(pairs, 6);
  ColourCountExperiment settings;
  settings.pairs = pairs;
  settings.side = 32;
  settings.seeds = settings.held_out = 2;
  settings.batch = 1;
  settings.steps = 2;
  settings.first_steps = 1;
  settings.width = 0.0625;
  const auto outcome = run_colour_count_experiment(settings, [](const std::string&) { return true; });
  ASSERT_EQ(outcome.variants.size(), 3U);
  EXPECT_EQ(outcome.pairs_learnt, 4U);
  EXPECT_EQ(outcome.variants[0].runs[1].ssim, outcome.variants[1].runs[1].ssim);
  write_colour_count_report(outcome, out);
  for (const char* file : {"index.html", "outcome.json", "pictures.png", "distributions.png", "clusters.png"})
    EXPECT_TRUE(std::filesystem::exists(out / file)) << file;
  const auto json = nlohmann::json::parse(test::read_text(out / "outcome.json"));
  EXPECT_EQ(json["variants"]["soft"]["runs"].size(), 2U);
}

TEST(ColourCountExperiment, RefusesTooFewPairsAndStopsWhenAsked) {
  const test::TemporaryFolder folder;
  const auto pairs = folder / "pairs";
  write_pairs(pairs, 4);
  ColourCountExperiment settings;
  settings.pairs = pairs;
  settings.side = 32;
  settings.held_out = 2;
  const auto on = [](const std::string&) { return true; };
  EXPECT_THAT(test::message_of([&] { run_colour_count_experiment(settings, on); }), testing::HasSubstr("too few"));
  settings.held_out = 1;
  settings.width = 0.0625;
  EXPECT_THROW(run_colour_count_experiment(settings, [](const std::string&) { return false; }), Error);
  settings.side = 34;
  EXPECT_THROW(run_colour_count_experiment(settings, on), Error);
}

}  // namespace
}  // namespace atelier
