#include "server/region.h"

#include <gtest/gtest.h>

#include <cmath>

#include "atelier/error.h"

namespace atelier::server {
namespace {

constexpr int kWidth = 120, kHeight = 80;

bool in_disc(int x, int y) { return std::hypot(x - 40, y - 40) < 20; }

/// A reddish disc on bluish ground, both a little uneven.
Image disc() {
  Image image;
  image.width = kWidth;
  image.height = kHeight;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) {
      const float grain = static_cast<float>((x * 7 + y * 13) % 10) / 100;
      const bool inside = in_disc(x, y);
      for (const float c : {inside ? 0.8F : 0.1F, 0.2F, inside ? 0.1F : 0.7F}) image.rgb.push_back(c + grain);
    }
  return image;
}

bool white(const Image& mask, int x, int y) {
  return mask.rgb[3 * static_cast<std::size_t>(y * mask.width + x)] > 0.5F;
}

TEST(Region, AClickOnAnObjectGivesTheObject) {
  const Image mask = region_at(disc(), 40.0 / kWidth, 0.5, RegionShape::kObject);
  ASSERT_EQ(mask.width, kWidth);
  ASSERT_EQ(mask.height, kHeight);
  int wrong = 0;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) wrong += white(mask, x, y) != in_disc(x, y) ? 1 : 0;
  EXPECT_LT(wrong, 60) << "of 9600 pixels, some on the rim";
}

TEST(Region, TheSameClickGivesTheSameMask) {
  EXPECT_EQ(region_at(disc(), 0.3, 0.5, RegionShape::kObject).rgb,
            region_at(disc(), 0.3, 0.5, RegionShape::kObject).rgb);
}

TEST(Region, ASuperpixelHoldsThePointAndKeepsToOneColour) {
  const Image mask = region_at(disc(), 40.0 / kWidth, 0.5, RegionShape::kSuperpixel);
  EXPECT_TRUE(white(mask, 40, 40));
  int inside = 0, outside = 0;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x)
      if (white(mask, x, y)) in_disc(x, y) ? ++inside : ++outside;
  EXPECT_GT(inside, 10);
  EXPECT_LT(inside, 700);
  EXPECT_LT(outside, inside / 4 + 5);
}

TEST(Region, EveryPointOfThePictureWillDo) {
  for (const double x : {0.0, 0.5, 1.0})
    for (const double y : {0.0, 1.0})
      for (const auto shape : {RegionShape::kObject, RegionShape::kSuperpixel})
        EXPECT_NO_THROW(region_at(disc(), x, y, shape)) << x << ", " << y;
}

TEST(Region, RefusesPointsOutsideAndTinyPictures) {
  EXPECT_THROW(region_at(disc(), 1.5, 0.5, RegionShape::kObject), Error);
  EXPECT_THROW(region_at(disc(), 0.5, -0.1, RegionShape::kObject), Error);
  EXPECT_THROW(region_at(disc(), std::nan(""), 0.5, RegionShape::kObject), Error);
  Image tiny;
  tiny.width = tiny.height = 4;
  tiny.rgb.assign(48, 0.F);
  EXPECT_THROW(region_at(tiny, 0.5, 0.5, RegionShape::kObject), Error);
}

}  // namespace
}  // namespace atelier::server
