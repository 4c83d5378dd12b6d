#include "palette/colour_moves.h"

#include <gtest/gtest.h>

#include <random>

#include "atelier/error.h"

namespace atelier {
namespace {

using Pixels = std::vector<std::uint8_t>;

void paint(Pixels& pixels, const Rgb8& colour, int count) {
  for (int i = 0; i < count; ++i) pixels.insert(pixels.end(), colour.begin(), colour.end());
}

/// The picture after every colour has gone where it should.
Pixels moved(Pixels pixels, const ColourMoves& moves) {
  for (std::size_t i = 0; i < pixels.size(); i += 3)
    for (const auto& move : moves.moves) {
      if (Rgb8{pixels[i], pixels[i + 1], pixels[i + 2]} != move.from) continue;
      for (std::size_t c = 0; c < 3; ++c) pixels[i + c] = static_cast<std::uint8_t>(std::lround(move.to[c]));
      break;
    }
  return pixels;
}

/// Grey values of a wide, even spread with a little colour: one large cluster or noise.
Pixels gradient(int pixels) {
  std::mt19937 random(7);
  Pixels all;
  for (int i = 0; i < pixels; ++i)
    for (int c = 0; c < 3; ++c) all.push_back(static_cast<std::uint8_t>(40 + random() % 48));
  return all;
}

TEST(ColourMoves, ShiftsTheSmallestClusterTheShortestWay) {
  Pixels pixels;
  paint(pixels, {10, 10, 10}, 40);
  paint(pixels, {100, 100, 100}, 30);
  paint(pixels, {100, 100, 112}, 20);
  const auto result = colour_moves(pixels, 2);
  EXPECT_EQ(result.count, 3U);
  ASSERT_EQ(result.moves.size(), 1U);
  EXPECT_EQ(result.moves[0].from, (Rgb8{100, 100, 112}));
  EXPECT_EQ(result.moves[0].to, (ColourPoint{100, 100, 100}));
}

TEST(ColourMoves, CondensesNoiseIntoTheClustersThatAreMissing) {
  Pixels pixels;
  paint(pixels, {200, 10, 10}, 40);
  for (std::uint8_t i = 0; i < 7; ++i) paint(pixels, {static_cast<std::uint8_t>(17 + i), 20, 20}, i % 3 == 0 ? 4 : 0);
  const auto result = colour_moves(pixels, 2);
  EXPECT_EQ(result.count, 1U);
  ASSERT_EQ(result.moves.size(), 3U);
  for (const auto& move : result.moves) EXPECT_EQ(move.to, (ColourPoint{20, 20, 20}));
  EXPECT_EQ(count_colour_clusters(moved(pixels, result)), 2U);
}

TEST(ColourMoves, LeavesAPictureOfTheWantedCountAlone) {
  Pixels pixels;
  paint(pixels, {10, 10, 10}, 40);
  paint(pixels, {100, 100, 100}, 30);
  EXPECT_TRUE(colour_moves(pixels, 2).moves.empty());
}

TEST(ColourMoves, OneMoveBringsTheCountNearerFromBothSides) {
  const auto pixels = gradient(6000);
  const auto before = count_colour_clusters(pixels);
  for (const std::size_t wanted : {before + 8, before + 25}) {
    const auto after = count_colour_clusters(moved(pixels, colour_moves(pixels, wanted)));
    EXPECT_GT(after, before);
    const auto back = moved(pixels, colour_moves(pixels, wanted));
    EXPECT_LT(count_colour_clusters(moved(back, colour_moves(back, 1))), after);
  }
}

TEST(ColourMoves, AFlatPicturePartsOntoALatticeAroundItsColour) {
  Pixels pixels;
  paint(pixels, {100, 100, 100}, 70);
  paint(pixels, {100, 104, 100}, 12);  // in the way
  const auto result = colour_moves(pixels, 5);
  EXPECT_EQ(result.count, 2U);
  EXPECT_TRUE(result.moves.empty());
  EXPECT_EQ(result.spread.from, (std::vector<Rgb8>{{100, 100, 100}}));
  // Itself and three of its five free neighbours, darkest first.
  ASSERT_EQ(result.spread.to.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    const double away = std::sqrt(squared_distance(result.spread.to[i], {100, 100, 100}));
    EXPECT_TRUE(away == 0 || away == 4) << away;
    EXPECT_GE(squared_distance(result.spread.to[i], {100, 104, 100}), 12.25);
    for (std::size_t j = 0; j < i; ++j) EXPECT_GE(squared_distance(result.spread.to[i], result.spread.to[j]), 16);
  }
  // Seven parts want 84 pixels: no more than 70 allow.
  EXPECT_EQ(colour_moves(pixels, 50).spread.to.size(), 5U);
}

TEST(ColourMoves, BlackPartsWithinTheCube) {
  const auto result = colour_moves(Pixels(3 * 1000, 0), 20);
  ASSERT_EQ(result.spread.to.size(), 20U);
  for (const auto& place : result.spread.to)
    for (const double level : place) EXPECT_TRUE(level >= 0 && level <= 12) << level;
}

TEST(ColourMoves, StaysWithinTheCubeAndTakesNoneForOne) {
  Pixels pixels;
  paint(pixels, {255, 255, 255}, 30);
  paint(pixels, {0, 0, 0}, 20);
  const auto result = colour_moves(pixels, 0);
  ASSERT_EQ(result.moves.size(), 1U);
  EXPECT_EQ(result.moves[0].to, (ColourPoint{255, 255, 255}));
}

TEST(ColourMoves, RefusesOtherColourSpacesAndNoPixels) {
  const Pixels pixels(30, 7);
  EXPECT_THROW(colour_moves(pixels, 1, {.space = ColourSpace::kLab}), Error);
  EXPECT_THROW(colour_moves({}, 1), Error);
}

TEST(NearestColour, AgreesWithLookingAtAll) {
  std::mt19937 random(3);
  const auto draw = [&] {
    ColourPoint place{};
    for (auto& level : place) level = std::uniform_real_distribution<double>(0, 255)(random);
    return place;
  };
  NearestColour nearest;
  EXPECT_TRUE(std::isinf(nearest.find(draw()).squared));
  for (int i = 0; i < 60; ++i) nearest.add(draw());
  for (int i = 0; i < 200; ++i) {
    const auto from = draw();
    double best = 1e9;
    for (const auto& place : nearest.places()) best = std::min(best, squared_distance(place, from));
    EXPECT_DOUBLE_EQ(nearest.find(from).squared, best);
  }
}

}  // namespace
}  // namespace atelier
