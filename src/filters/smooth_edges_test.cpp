#include "filters/smooth_edges.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "atelier/error.h"
#include "filters/canny.h"
#include "filters/gaussian_blur.h"
#include "media/image_file.h"

namespace atelier {
namespace {

/// Black to the left of column `edge`, `bright` from it on.
Image step(int width, int height, int edge, float bright = 1) {
  Image image;
  image.width = width;
  image.height = height;
  for (int i = 0; i < width * height; ++i) image.rgb.insert(image.rgb.end(), 3, i % width < edge ? 0.F : bright);
  return image;
}

Plane grey_of(const Image& image) {
  auto plane = luma_of(image);
  for (auto& value : plane.values) value *= 255;
  return plane;
}

int count(const std::vector<std::uint8_t>& mask) { return std::accumulate(mask.begin(), mask.end(), 0); }

TEST(GaussianBlur, KeepsTheSumAndIsTheFormula) {
  Plane plane(9, 9);
  plane.at(4, 4) = 1;
  const auto blurred = gaussian_blur(plane, 1.1, 2);
  EXPECT_NEAR(std::accumulate(blurred.values.begin(), blurred.values.end(), 0.0), 1, 1e-12);
  double side = 0;
  for (int k = -2; k <= 2; ++k) side += std::exp(-k * k / 2.42);
  EXPECT_NEAR(blurred.at(4, 4), 1 / (side * side), 1e-12);
  EXPECT_NEAR(blurred.at(5, 2), std::exp(-5 / 2.42) / (side * side), 1e-12);
  EXPECT_EQ(blurred.at(4, 7), 0);
}

TEST(GaussianBlur, MirrorsAtTheEdges) {
  EXPECT_EQ(mirrored(-2, 5), 2);
  EXPECT_EQ(mirrored(6, 5), 2);
  EXPECT_EQ(mirrored(-7, 1), 0);
  Plane flat(3, 2);
  std::fill(flat.values.begin(), flat.values.end(), 0.7);
  for (const double value : gaussian_blur(flat, 4).values) EXPECT_NEAR(value, 0.7, 1e-12);
}

TEST(Canny, FindsAStraightEdgeOnePixelWide) {
  const auto edges = canny_edges(grey_of(step(20, 12, 10)));
  for (int y = 0; y < 12; ++y)
    EXPECT_EQ(std::accumulate(edges.begin() + y * 20, edges.begin() + y * 20 + 20, 0), 1) << "row " << y;
  EXPECT_EQ(edges[5 * 20 + 9], 1);
}

TEST(Canny, FollowsWeakEdgesOnlyFromStrongOnes) {
  // Steps of 40 give |gx| + |gy| = 160: between the thresholds. Alone they are none; joined to a step of 255 they are.
  EXPECT_EQ(count(canny_edges(grey_of(step(20, 12, 10, 40 / 255.F)))), 0);
  auto image = step(20, 12, 10, 40 / 255.F);
  for (std::size_t y = 0; y < 4; ++y)
    for (std::size_t x = 10; x < 20; ++x)
      for (std::size_t c = 0; c < 3; ++c) image.rgb[(y * 20 + x) * 3 + c] = 1;
  EXPECT_EQ(canny_edges(grey_of(image))[10 * 20 + 9], 1);
}

TEST(Canny, SeesNothingInFlatPictures) {
  for (const int edge : {0, 20})
    for (const auto found : canny_edges(grey_of(step(20, 5, edge)))) EXPECT_EQ(found, 0);
}

TEST(Canny, DilatesToSquares) {
  std::vector<std::uint8_t> mask(49, 0);
  mask[3 * 7 + 3] = 1;
  EXPECT_EQ(count(dilated(mask, 7, 7, 5)), 25);
  mask.assign(49, 0);
  mask[0] = 1;
  EXPECT_EQ(count(dilated(mask, 7, 7, 5)), 9);
}

TEST(SmoothEdges, ChangesOnlyWhatIsNearEdges) {
  const auto before = step(40, 10, 20);
  const auto after = smooth_edges(before);
  ASSERT_EQ(after.rgb.size(), before.rgb.size());
  for (std::size_t x = 0; x < 40; ++x) {
    const float was = before.rgb[(5 * 40 + x) * 3], is = after.rgb[(5 * 40 + x) * 3];
    EXPECT_EQ(was != is, x >= 18 && x <= 21) << x;
  }
  for (std::size_t x = 17; x < 23; ++x) EXPECT_LE(after.rgb[(5 * 40 + x) * 3], after.rgb[(5 * 40 + x) * 3 + 3]);
}

TEST(SmoothEdges, TakesTinyPicturesAndRefusesNone) {
  EXPECT_EQ(smooth_edges(step(1, 1, 0)).rgb.size(), 3U);
  EXPECT_EQ(smooth_edges(step(2, 1, 1)).rgb.size(), 6U);
  EXPECT_THROW(smooth_edges(Image()), Error);
}

TEST(SmoothEdges, KeepsMostOfARealPicture) {
  const auto before = read_image(std::string(ATELIER_FIXTURES) + "/painting_128.png");
  const auto after = smooth_edges(before);
  std::size_t changed = 0;
  for (std::size_t i = 0; i < before.rgb.size(); ++i) {
    changed += before.rgb[i] != after.rgb[i];
    EXPECT_NEAR(before.rgb[i], after.rgb[i], 0.6);
  }
  EXPECT_GT(changed, before.rgb.size() / 50);
  EXPECT_LT(changed, before.rgb.size());
}

}  // namespace
}  // namespace atelier
