#include "evaluation/style_yardstick.h"

#include <gtest/gtest.h>

#include "atelier/error.h"
#include "encoders/random_chain.h"
#include "support/fixtures.h"

namespace atelier {
namespace {

Encoder encoder() {
  return Encoder(random_chain({1, 1, 1, 2, 1}, {4, 6, 8, 10, 12}), {.precision = Precision::kFloat32});
}

TEST(StyleYardstick, ThePhotoItselfScoresOneAndZero) {
  const auto photo = read_fixture("photo_64.png"), style = read_fixture("painting_64.png");
  const auto score = measure_style(encoder(), photo, photo, style, 64);
  EXPECT_NEAR(score.style_ratio, 1, 1e-6);
  EXPECT_NEAR(score.content, 0, 1e-6);
  for (const double ratio : score.style_ratio_per_tap) EXPECT_NEAR(ratio, 1, 1e-6);
}

TEST(StyleYardstick, TheStyleItselfScoresZero) {
  const auto photo = read_fixture("photo_64.png"), style = read_fixture("painting_64.png");
  const auto score = measure_style(encoder(), style, photo, style, 64);
  EXPECT_NEAR(score.style_ratio, 0, 1e-6);
  EXPECT_GT(score.content, 0.05);
}

TEST(StyleYardstick, TheGramDistanceIsTheRatioTimesThePhotosOwn) {
  const auto photo = read_fixture("photo_64.png"), style = read_fixture("painting_64.png");
  const auto half = (photo + style) / 2;
  const auto before = measure_style(encoder(), photo, photo, style, 64),
             now = measure_style(encoder(), half, photo, style, 64);
  EXPECT_GT(before.gram, 0);
  EXPECT_NEAR(now.gram / before.gram, now.style_ratio, 1e-9);
}

TEST(StyleYardstick, MeasuresTheContentWithoutAStyle) {
  const auto photo = read_fixture("photo_64.png"), style = read_fixture("painting_64.png");
  const auto score = measure_style(encoder(), style, photo, Tensor(), 64);
  EXPECT_DOUBLE_EQ(score.content, measure_style(encoder(), style, photo, style, 64).content);
  EXPECT_TRUE(score.style_ratio_per_tap.empty());
}

TEST(StyleYardstick, RefusesAResultOfAnotherShape) {
  const auto photo = read_fixture("photo_64.png"), style = read_fixture("painting_64.png");
  EXPECT_THROW(measure_style(encoder(), photo.narrow(2, 0, 40), photo, style, 64), Error);
}

}  // namespace
}  // namespace atelier
