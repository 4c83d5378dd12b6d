#include "palette/cluster_map.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "palette/dbscan.h"
#include "palette/pixel_categories.h"

namespace atelier {
namespace {

TEST(ClusterMap, ShowsLabelsOrMeansAndNoiseInBlack) {
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < 24; ++i)
    for (const int value : i < 12 ? std::array{200, 10, 10} : i < 23 ? std::array{10, 200, 10} : std::array{90, 90, 90})
      pixels.push_back(static_cast<std::uint8_t>(value));
  const auto found = cluster_colours(pixels);
  const auto labels = pixel_labels(pixels, found);
  const auto means = cluster_map(labels, 6, found, MapColour::kMean);
  EXPECT_EQ(means.width, 6);
  EXPECT_EQ(means.height, 4);
  EXPECT_FLOAT_EQ(means.rgb[0], 200 / 255.F);
  EXPECT_FLOAT_EQ(means.rgb[3 * 22 + 1], 200 / 255.F);
  for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(means.rgb[3 * 23 + c], 0);
  const auto shown = to_bytes(cluster_map(labels, 6, found, MapColour::kLabel));
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_EQ(shown[c], label_colour(0)[c]);
    EXPECT_EQ(shown[3 * 12 + c], label_colour(1)[c]);
  }
}

TEST(ClusterMap, ColoursOfTheFirstLabelsAreFarApart) {
  for (std::size_t a = 0; a < 12; ++a)
    for (std::size_t b = 0; b < a; ++b) {
      const auto p = label_colour(a), q = label_colour(b);
      int apart = 0;
      for (std::size_t c = 0; c < 3; ++c) apart += std::abs(p[c] - q[c]);
      EXPECT_GT(apart, 40) << a << ' ' << b;
    }
}

TEST(PixelCategories, CountEveryPixelOnceFromBlackToWhite) {
  std::vector<std::uint8_t> pixels{0, 0, 0, 15, 15, 15, 255, 255, 255, 240, 240, 240, 255, 0, 0};
  const auto categories = pixel_categories(count_colours(pixels));
  ASSERT_EQ(categories.size(), 4096U);
  EXPECT_EQ(categories.front().pixels, 2U);
  EXPECT_EQ(categories.back().pixels, 2U);
  EXPECT_EQ(categories.front().colour, (Rgb8{8, 8, 8}));
  EXPECT_EQ(categories.back().colour, (Rgb8{248, 248, 248}));
  std::uint64_t sum = 0;
  for (const auto& category : categories) sum += category.pixels;
  EXPECT_EQ(sum, 5U);
  EXPECT_EQ(categories[0b100100100100].colour, (Rgb8{248, 8, 8}));
  EXPECT_EQ(categories[0b100100100100].pixels, 1U);
}

}  // namespace
}  // namespace atelier
