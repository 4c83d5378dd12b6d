#include "metrics/sliced_wasserstein.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "atelier/error.h"
#include "media/image_file.h"
#include "palette/dbscan.h"
#include "support/test_pictures.h"

namespace atelier {
namespace {

using testing::grey_picture;
using testing::noise_picture;

Image fixture(const std::string& name) { return read_image(std::string(ATELIER_FIXTURES) + "/" + name); }

TEST(SlicedWasserstein, OfTwoColoursIsHalfTheirDistanceInLab) {
  const auto dark = grey_picture(4, 4, [](int, int) { return 51 / 255.0; });
  const auto light = grey_picture(9, 2, [](int, int) { return 204 / 255.0; });
  const double apart = to_lab({204, 204, 204})[0] - to_lab({51, 51, 51})[0];
  EXPECT_NEAR(sliced_wasserstein_lab(dark, light, 0, 20000), apart / 2, 0.01 * apart);
  EXPECT_NEAR(sliced_wasserstein_lab(dark, light), apart / 2, 0.1 * apart);
}

TEST(SlicedWasserstein, DoesNotAskWhereThePixelsAre) {
  const auto photo = fixture("photo_64.png");
  auto shuffled = photo;
  for (std::size_t i = 0, j = photo.pixels() - 1; i < j; i += 2, --j)
    std::swap_ranges(shuffled.rgb.begin() + 3 * static_cast<long>(i),
                     shuffled.rgb.begin() + 3 * static_cast<long>(i) + 3,
                     shuffled.rgb.begin() + 3 * static_cast<long>(j));
  EXPECT_NE(photo.rgb, shuffled.rgb);
  EXPECT_NEAR(sliced_wasserstein_lab(photo, shuffled), 0, 1e-9);
}

TEST(SlicedWasserstein, IsSymmetricRepeatsAndHardlyDependsOnTheSeed) {
  const auto photo = fixture("photo_64.png"), painting = fixture("painting_128.png");
  const double distance = sliced_wasserstein_lab(photo, painting);
  EXPECT_GT(distance, 1);
  EXPECT_DOUBLE_EQ(distance, sliced_wasserstein_lab(photo, painting));
  EXPECT_NEAR(distance, sliced_wasserstein_lab(painting, photo), 1e-9);
  EXPECT_NEAR(distance, sliced_wasserstein_lab(photo, painting, 7), 0.15 * distance);
}

TEST(SlicedWasserstein, TakesGreyAndOnePixelPictures) {
  const auto one = grey_picture(1, 1, [](int, int) { return 0.5; });
  EXPECT_EQ(sliced_wasserstein_lab(one, one), 0);
  EXPECT_GT(sliced_wasserstein_lab(one, noise_picture(8, 8, 1)), 0);
}

TEST(SlicedWasserstein, RefusesNothingAndNan) {
  const auto grey = noise_picture(8, 8, 1);
  auto broken = grey;
  broken.rgb[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(sliced_wasserstein_lab(grey, broken), Error);
  EXPECT_THROW(sliced_wasserstein_lab(grey, Image{}), Error);
  EXPECT_THROW(sliced_wasserstein_lab(grey, grey, 0, 0), Error);
}

}  // namespace
}  // namespace atelier
