#include "experiments/colour_pull_experiment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "atelier/error.h"
#include "media/image_file.h"
#include "support/weight_files.h"

namespace atelier {
namespace {

TEST(ColourPullExperiment, AFewColoursAreReachedWithLittleChange) {
  const auto photo = read_image(std::filesystem::path(ATELIER_FIXTURES) / "photo_64.png");
  const auto pulls = pull_colours(photo, {0.5, 1.5}, 80);
  ASSERT_EQ(pulls.size(), 2U);
  for (const auto& pull : pulls) {
    EXPECT_EQ(pull.counts.back(), pull.wanted);
    EXPECT_GT(pull.psnr, 30);
  }
}

TEST(ColourPullExperiment, WritesAChartAndPicturesAndRefusesNoColours) {
  const test::TemporaryFolder folder;
  const auto photo = read_image(std::filesystem::path(ATELIER_FIXTURES) / "photo_64.png");
  const auto pulls = pull_colours(photo, {1}, 3);
  EXPECT_EQ(pulls[0].counts.size(), 1U);
  write_colour_pull_report(photo, pulls, folder / "report");
  EXPECT_THAT(test::read_text(folder / "report/counts.svg"), testing::HasSubstr("polyline"));
  EXPECT_TRUE(std::filesystem::exists(folder / "report/pictures.png"));
  EXPECT_THROW(pull_colours(photo, {0}, 3), Error);
}

}  // namespace
}  // namespace atelier
