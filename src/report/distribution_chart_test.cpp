#include "report/distribution_chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atelier {
namespace {

Distribution two_colours() {
  std::vector<OccupiedColour> colours(2);
  colours[0].rgb = {250, 250, 250};
  colours[0].pixels = 30;
  colours[1].rgb = {0, 0, 0};
  colours[1].pixels = 10;
  return {"a <b>.png", pixel_categories(colours)};
}

TEST(DistributionChart, DrawsABarPerCategoryAsSvg) {
  const auto svg = distribution_svg({two_colours()});
  EXPECT_THAT(svg, testing::StartsWith("<svg xmlns="));
  EXPECT_THAT(svg, testing::HasSubstr("a &lt;b&gt;.png: pixels in 2 of 4096 categories, at most 30"));
  EXPECT_THAT(svg, testing::HasSubstr("height=\"200.00\" fill=\"#f8f8f8\""));
  EXPECT_THAT(svg, testing::HasSubstr("height=\"66.67\" fill=\"#080808\""));
}

TEST(DistributionChart, DrawsThemAsAPicture) {
  const auto one = distribution_picture({two_colours()}), two = distribution_picture({two_colours(), two_colours()});
  EXPECT_GE(one.width, 1024);
  EXPECT_GE(one.height, 200);
  EXPECT_GT(two.height, one.height + 200);
  EXPECT_EQ(one.rgb.size(), 3 * one.pixels());
}

}  // namespace
}  // namespace atelier
