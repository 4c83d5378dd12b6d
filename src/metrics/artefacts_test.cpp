// The indices of artefacts: each is near zero without its defect and grows with it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "atelier/error.h"
#include "media/image_file.h"
#include "metrics/border.h"
#include "metrics/checkerboard.h"
#include "metrics/seam.h"
#include "support/test_pictures.h"

namespace atelier {
namespace {

using testing::changed;
using testing::grey_picture;
using testing::mirrored;
using testing::noise_picture;

Image photo() { return mirrored(read_image(std::string(ATELIER_FIXTURES) + "/photo_128.png"), 256, 256); }

Image flat() {
  return grey_picture(128, 128, [](int, int) { return 0.5; });
}

/// Every p-th row and column lighter by `strength`, as uneven overlap of an upsampling layer makes them.
Image with_grid(const Image& image, int p, double strength) {
  return changed(image, [=](int x, int y) { return strength * ((x % p == 0) + (y % p == 0)); });
}

TEST(CheckerboardIndex, IsNearZeroWithoutAGrid) {
  for (const auto& image : {photo(), noise_picture(256, 256, 4)}) {
    const auto found = checkerboard(image);
    for (const double index : {found.period2, found.period4, found.period8}) EXPECT_NEAR(index, 0, 3);
  }
  EXPECT_NEAR(checkerboard(flat()).worst(), 0, 1e-6);
}

TEST(CheckerboardIndex, GrowsWithTheGridsStrength) {
  for (const int period : {2, 4, 8}) {
    double last = checkerboard(photo()).worst();
    for (const double levels : {2.0, 4.0, 8.0, 16.0}) {
      const double now = checkerboard(with_grid(photo(), period, levels / 255)).worst();
      EXPECT_GT(now, last) << period << ", " << levels;
      last = now;
    }
    EXPECT_GT(last, 10) << period;
  }
}

TEST(CheckerboardIndex, TellsThePeriod) {
  const auto of2 = checkerboard(with_grid(flat(), 2, 0.05)), of4 = checkerboard(with_grid(flat(), 4, 0.05)),
             of8 = checkerboard(with_grid(flat(), 8, 0.05));
  EXPECT_GT(of2.period2, 20);
  EXPECT_NEAR(of2.period4, 0, 0.1);
  EXPECT_NEAR(of2.period8, 0, 0.1);
  EXPECT_GT(of4.period4, 20);
  EXPECT_NEAR(of4.period8, 0, 0.1);
  EXPECT_GT(of8.period8, 20);
}

TEST(CheckerboardIndex, OverlooksStraightEdges) {
  const auto bars =
      grey_picture(256, 256, [](int x, int y) { return 0.2 + 0.6 * (x * x / 3700 % 2) + 0.1 * (y * y / 5300 % 2); });
  EXPECT_LT(checkerboard(bars).worst(), 3);
}

TEST(CheckerboardIndex, OfAWaveByHand) {
  // (−1)^x · a under a Hann window of n × n has the power a² (n/2)⁴ / (3n/8)² = a² n² 4/9 at one of three frequencies.
  const double a = 0.01, variance = 0.1 * 0.1 / 3, gain = 128.0 * 128.0 * 4 / 9;
  const auto wave = changed(noise_picture(512, 512, 9, 0.5, 0.1), [a](int x, int) { return x % 2 == 0 ? a : -a; });
  EXPECT_NEAR(checkerboard(wave).period2, 10 * std::log10(1 + a * a * gain / (3 * variance)), 1);
}

TEST(CheckerboardIndex, RefusesSmallPictures) { EXPECT_THROW(checkerboard(noise_picture(63, 200, 1)), Error); }

/// Each tile of `period` pixels lighter or darker by `strength`, in turns.
Image with_tiles(const Image& image, int period, double strength) {
  return changed(image, [=](int x, int y) { return (x / period + y / period) % 2 == 0 ? strength : -strength; });
}

TEST(SeamIndex, IsNearZeroWithoutSeamsAndGrowsWithThem) {
  EXPECT_NEAR(seam_index(noise_picture(256, 256, 4), 64), 0, 0.1);
  EXPECT_NEAR(seam_index(photo(), 100), 0, 0.35);
  EXPECT_EQ(seam_index(flat(), 32), 0);
  double last = seam_index(photo(), 100);
  for (const double levels : {8.0, 16.0, 32.0, 64.0}) {
    const double now = seam_index(with_tiles(photo(), 100, levels / 255), 100);
    EXPECT_GT(now, last) << levels;
    last = now;
  }
  EXPECT_GT(last, 2);
}

TEST(SeamIndex, ByHand) {
  const auto ramp = grey_picture(80, 80, [](int x, int y) { return 0.01 * (x % 2) + 0.01 * (y % 2); });
  const auto tiles = changed(ramp, [](int x, int y) { return (x >= 40 ? 0.1 : 0) + (y >= 40 ? 0.1 : 0); });
  // Across the seam the step is 0.1 less the ramp's 0.01 (39 → 40 goes down), beside it 0.01.
  EXPECT_NEAR(seam_index(tiles, 40), (0.09 + 0.25 / 255) / (0.01 + 0.25 / 255) - 1, 1e-4);
}

TEST(SeamIndex, LooksOnlyWhereItIsTold) {
  const auto tiles = with_tiles(noise_picture(256, 256, 4), 64, 0.2);
  EXPECT_GT(seam_index(tiles, 64), 0.5);
  EXPECT_NEAR(seam_index(tiles, 50), 0, 0.1);
}

TEST(SeamIndex, RefusesPeriodsThatTellNothing) {
  EXPECT_THROW(seam_index(photo(), 8), Error);
  EXPECT_THROW(seam_index(photo(), 256), Error);
  EXPECT_NO_THROW(seam_index(noise_picture(300, 20, 1), 64));
}

/// Darker by `strength` towards the edges, over the outer 8 pixels.
Image with_border(const Image& image, double strength) {
  const int w = image.width, h = image.height;
  return changed(image, [=](int x, int y) { return std::min({x, y, w - 1 - x, h - 1 - y}) < 8 ? -strength : 0; });
}

TEST(BorderIndex, IsZeroForThePhotoAndGrowsWithTheBorder) {
  EXPECT_EQ(border_index(photo(), photo()), 0);
  double last = 0;
  for (const double strength : {0.02, 0.05, 0.1, 0.3}) {
    const double now = border_index(with_border(photo(), strength), photo());
    EXPECT_GT(now, last) << strength;
    last = now;
  }
  EXPECT_GT(last, 0.5);
}

TEST(BorderIndex, ForgivesAChangeOfTheWholePicture) {
  auto paler = photo();
  for (float& value : paler.rgb) value = 0.4F + 0.5F * value;
  EXPECT_NEAR(border_index(paler, photo()), 0, 0.02);
}

TEST(BorderIndex, SeesASmearedBorder) {
  const auto noise = noise_picture(256, 256, 4);
  const auto smeared = grey_picture(
      256, 256, [&](int x, int y) { return noise.rgb[3 * (std::clamp(y, 8, 247) * 256 + std::clamp(x, 8, 247))]; });
  EXPECT_GT(border_index(smeared, noise), 0.1);
}

TEST(BorderIndex, RefusesPicturesThatDoNotFit) {
  EXPECT_THROW(border_index(noise_picture(31, 64, 1), noise_picture(31, 64, 1)), Error);
  EXPECT_THROW(border_index(noise_picture(64, 64, 1), noise_picture(64, 65, 1)), Error);
}

TEST(ArtefactIndices, RefuseNan) {
  auto broken = photo();
  broken.rgb[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(checkerboard(broken), Error);
  EXPECT_THROW(seam_index(broken, 64), Error);
  EXPECT_THROW(border_index(broken, photo()), Error);
}

}  // namespace
}  // namespace atelier
