#include "filters/line_drawing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "atelier/error.h"
#include "media/image_file.h"

namespace atelier {
namespace {

/// Grey `light`, with a column of `dark` in the middle.
Image with_line(float light, float dark) {
  Image image;
  image.width = 21;
  image.height = 9;
  for (int i = 0; i < image.width * image.height; ++i)
    image.rgb.insert(image.rgb.end(), 3, i % image.width == 10 ? dark : light);
  return image;
}

float grey_at(const Image& image, int x, int y) { return image.rgb[3 * static_cast<std::size_t>(y * image.width + x)]; }

TEST(LineDrawing, LeavesWhitePaperWhereNothingIsDarkerThanItsSurroundings) {
  for (const float grey : {0.F, 0.4F, 1.F})
    for (const float value : line_drawing(with_line(grey, grey)).rgb) EXPECT_NEAR(value, 1, 1e-6) << grey;
}

TEST(LineDrawing, DrawsDarkLinesAndNotLightOnes) {
  const auto dark = line_drawing(with_line(0.8F, 0.2F)), light = line_drawing(with_line(0.2F, 0.8F));
  EXPECT_LT(grey_at(dark, 10, 4), 0.1F);
  EXPECT_GT(grey_at(dark, 2, 4), 0.99F);
  EXPECT_NEAR(grey_at(light, 10, 4), 1, 1e-6);
}

TEST(LineDrawing, DrawsWhatTheFormulaSays) {
  const auto image = with_line(0.8F, 0.7F);
  const double difference = lightness_of_lines(image, 1).at(10, 4);
  // A line of depth 0.1 under two Gaussians: −0.1 · (weight of G(1)'s middle − that of G(1.6)'s).
  double narrow = 0, wide = 0;
  for (int x = -3; x <= 3; ++x) narrow += std::exp(-x * x / 2.0);
  for (int x = -5; x <= 5; ++x) wide += std::exp(-x * x / (2.0 * 1.6 * 1.6));
  EXPECT_NEAR(difference, -0.1 * (1 / narrow - 1 / wide), 1e-6);
  const auto expected = static_cast<float>(1 - std::tanh(40 * (-0.006 - difference)));
  EXPECT_LE(difference, -0.006);
  EXPECT_NEAR(grey_at(line_drawing(image), 10, 4), expected, 1e-5);
}

TEST(LineDrawing, IsGreyMostlyPaperAndShowsThePhotosEdges) {
  const auto drawn = line_drawing(read_image(std::string(ATELIER_FIXTURES) + "/photo_128.png"));
  std::size_t paper = 0, ink = 0;
  for (std::size_t i = 0; i < drawn.rgb.size(); i += 3) {
    EXPECT_EQ(drawn.rgb[i], drawn.rgb[i + 1]);
    EXPECT_EQ(drawn.rgb[i], drawn.rgb[i + 2]);
    paper += drawn.rgb[i] > 0.95F ? 1U : 0U;
    ink += drawn.rgb[i] < 0.5F ? 1U : 0U;
  }
  EXPECT_GT(paper, drawn.pixels() / 2);
  EXPECT_GT(ink, drawn.pixels() / 100);
}

TEST(LineDrawing, RefusesWhatIsOutOfRange) {
  EXPECT_THROW(line_drawing({}), Error);
  EXPECT_THROW(line_drawing(with_line(1, 0), {.line_width = 0.1}), Error);
  EXPECT_THROW(line_drawing(with_line(1, 0), {.line_width = 11}), Error);
}

}  // namespace
}  // namespace atelier
