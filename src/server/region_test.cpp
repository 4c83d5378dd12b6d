#include "server/region.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "atelier/error.h"

namespace atelier::server {
namespace {

constexpr int kWidth = 120, kHeight = 80;

using Colour = std::array<float, 3>;
using Inside = std::function<bool(int x, int y)>;

Image picture(const std::function<Colour(int x, int y)>& colour) {
  Image image;
  image.width = kWidth;
  image.height = kHeight;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x)
      for (const float c : colour(x, y)) image.rgb.push_back(c);
  return image;
}

float grain(int x, int y) { return static_cast<float>((x * 7 + y * 13) % 10) / 100; }

bool in_disc(int x, int y) { return std::hypot(x - 40, y - 40) < 20; }
bool in_second_disc(int x, int y) { return std::hypot(x - 90, y - 40) < 15; }
bool in_square(int x, int y) { return x >= 50 && x < 90 && y >= 20 && y < 60; }

/// Two reddish discs on bluish ground, all a little uneven.
Image discs() {
  return picture([](int x, int y) {
    const bool inside = in_disc(x, y) || in_second_disc(x, y);
    const float g = grain(x, y);
    return Colour{(inside ? 0.8F : 0.1F) + g, 0.2F + g, (inside ? 0.1F : 0.7F) + g};
  });
}

/// An orange disc on a sky that goes from dark to light.
Image disc_on_gradient() {
  return picture([](int x, int y) {
    const float light = static_cast<float>(x + y) / (kWidth + kHeight);
    return in_disc(x, y) ? Colour{0.9F, 0.5F, 0.1F}
                         : Colour{0.1F + 0.5F * light, 0.2F + 0.5F * light, 0.4F + 0.5F * light};
  });
}

/// A square of brown and ochre tufts on grass of two greens.
Image textured_square() {
  return picture([](int x, int y) {
    const bool tuft = (x * x * 3 + y * 7 + x * y) % 5 < 2;
    if (in_square(x, y)) return tuft ? Colour{0.55F, 0.35F, 0.15F} : Colour{0.75F, 0.5F, 0.2F};
    return tuft ? Colour{0.2F, 0.5F, 0.15F} : Colour{0.3F, 0.65F, 0.25F};
  });
}

Place at(int x, int y) { return {(x + 0.5) / kWidth, (y + 0.5) / kHeight}; }

Image object(const Image& image, const std::vector<Place>& wanted, const std::vector<Place>& unwanted = {}) {
  return region_at(image, wanted, unwanted, RegionShape::kObject);
}

bool white(const Image& mask, int x, int y) {
  return mask.rgb[3 * static_cast<std::size_t>(y * mask.width + x)] > 0.5F;
}

int wrong(const Image& mask, const Inside& inside) {
  int count = 0;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) count += white(mask, x, y) != inside(x, y) ? 1 : 0;
  return count;
}

// Of 9600 pixels: an outline of some 125 to 160 pixels may be a pixel off.
constexpr int kRim = 180;

TEST(Region, AClickOnAnObjectGivesTheObject) {
  const Image mask = object(discs(), {at(40, 40)});
  ASSERT_EQ(mask.width, kWidth);
  ASSERT_EQ(mask.height, kHeight);
  EXPECT_LT(wrong(mask, in_disc), kRim);
}

TEST(Region, ADiscOnAGradientAndTheSkyAroundIt) {
  EXPECT_LT(wrong(object(disc_on_gradient(), {at(45, 35)}), in_disc), kRim);
  EXPECT_LT(wrong(object(disc_on_gradient(), {at(110, 10)}), [](int x, int y) { return !in_disc(x, y); }), kRim);
}

TEST(Region, ATexturedSquare) { EXPECT_LT(wrong(object(textured_square(), {at(70, 40)}), in_square), kRim); }

TEST(Region, SeveralClicksAdd) {
  const auto both = [](int x, int y) { return in_disc(x, y) || in_second_disc(x, y); };
  EXPECT_LT(wrong(object(discs(), {at(40, 40), at(90, 40)}), both), kRim);
}

TEST(Region, AnObjectIsTheSameWithAnotherBesideIt) {
  const auto square = object(textured_square(), {at(70, 40)}), grass = object(textured_square(), {at(20, 20)});
  const auto both = object(textured_square(), {at(70, 40), at(20, 20)});
  for (std::size_t i = 0; i < both.rgb.size(); ++i)
    ASSERT_EQ(both.rgb[i], std::max(square.rgb[i], grass.rgb[i])) << i;
}

TEST(Region, UnwantedPlacesTakeAway) {
  EXPECT_LT(wrong(object(discs(), {at(40, 40), at(90, 40)}, {at(92, 42)}), in_disc), kRim);
  const Image mask = object(discs(), {at(40, 40)}, {at(40, 52)});
  EXPECT_TRUE(white(mask, 40, 40));
  EXPECT_FALSE(white(mask, 40, 52));
}

TEST(Region, WhatIsPointedAtIsAlwaysInside) {
  for (const auto& image : {discs(), disc_on_gradient(), textured_square()})
    for (int y = 0; y < kHeight; y += 26)
      for (int x = 0; x < kWidth; x += 23) {
        EXPECT_TRUE(white(object(image, {at(x, y)}), x, y)) << x << ", " << y;
        EXPECT_TRUE(white(region_at(image, {at(x, y)}, {}, RegionShape::kSuperpixel), x, y)) << x << ", " << y;
      }
}

TEST(Region, TheSameClickGivesTheSameMask) {
  EXPECT_EQ(object(discs(), {at(36, 40)}).rgb, object(discs(), {at(36, 40)}).rgb);
}

TEST(Region, ASuperpixelHoldsThePointAndKeepsToOneColour) {
  const Image mask = region_at(discs(), {at(40, 40)}, {}, RegionShape::kSuperpixel);
  EXPECT_TRUE(white(mask, 40, 40));
  int inside = 0, outside = 0;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x)
      if (white(mask, x, y)) in_disc(x, y) ? ++inside : ++outside;
  EXPECT_GT(inside, 10);
  EXPECT_LT(inside, 700);
  EXPECT_LT(outside, inside / 4 + 5);
}

TEST(Region, EvenAnEmptyPictureHasOne) {
  const auto grey = picture([](int, int) { return Colour{0.5F, 0.5F, 0.5F}; });
  EXPECT_TRUE(white(object(grey, {at(60, 40)}), 60, 40));
}

TEST(Region, EveryPlaceOfThePictureWillDo) {
  for (const double x : {0.0, 0.5, 1.0})
    for (const double y : {0.0, 1.0})
      for (const auto shape : {RegionShape::kObject, RegionShape::kSuperpixel})
        EXPECT_NO_THROW(region_at(discs(), {{x, y}}, {}, shape)) << x << ", " << y;
}

TEST(Region, RefusesPlacesOutsideAndTinyPictures) {
  for (const Place& place : {Place{1.5, 0.5}, Place{0.5, -0.1}, Place{std::nan(""), 0.5}}) {
    EXPECT_THROW(object(discs(), {place}), Error);
    EXPECT_THROW(object(discs(), {at(1, 1)}, {place}), Error);
  }
  EXPECT_THROW(object(discs(), {}), Error);
  EXPECT_THROW(object(discs(), {at(40, 40)}, {at(40, 40)}), Error);
  Image tiny;
  tiny.width = tiny.height = 4;
  tiny.rgb.assign(48, 0.F);
  EXPECT_THROW(object(tiny, {{0.5, 0.5}}), Error);
}

}  // namespace
}  // namespace atelier::server
