#include "report/curve_picture.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace atelier {
namespace {

float red(const Image& picture, int x, int y) {
  return picture.rgb[3 * static_cast<std::size_t>(y * picture.width + x)];
}

TEST(CurvePicture, GoesFromTheLowestToTheHighestValue) {
  const auto picture = curve_picture({"loss", {{0, 5}, {1, 3}, {2, 1}}});
  ASSERT_EQ(picture.width, 640);
  ASSERT_EQ(picture.height, 180);
  for (const auto& [x, y] : {std::pair(8, 8), std::pair(320, 90), std::pair(631, 171)}) {
    EXPECT_LT(red(picture, x, y), 0.3) << x << ' ' << y;
    EXPECT_GT(red(picture, x, 179 - y + (y == 90 ? 60 : 0)), 0.9) << x << ' ' << y;
  }
}

TEST(CurvePicture, LeavesOutWhatIsNotFinite) {
  const double nan = std::nan(""), infinite = std::numeric_limits<double>::infinity();
  const auto whole = curve_picture({"", {{0, 1}, {2, 3}}});
  EXPECT_EQ(curve_picture({"", {{0, 1}, {1, nan}, {1.5, infinite}, {2, 3}}}).rgb, whole.rgb);
}

TEST(CurvePicture, FewPointsAreNoFault) {
  const auto none = curve_picture({"", {}}), one = curve_picture({"", {{7, 7}}});
  EXPECT_EQ(none.rgb.size(), 640U * 180 * 3);
  EXPECT_LT(red(one, 320, 90), 0.6) << "a dot in the middle";
  EXPECT_GT(red(none, 320, 90), 0.9);
}

}  // namespace
}  // namespace atelier
