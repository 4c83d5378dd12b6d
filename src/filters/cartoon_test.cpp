#include "filters/cartoon.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "atelier/error.h"
#include "filters/bilateral.h"
#include "media/image_file.h"
#include "palette/dbscan.h"

namespace atelier {
namespace {

Image photo() { return read_image(std::string(ATELIER_FIXTURES) + "/photo_128.png"); }

std::size_t colours_in(const Image& image) { return count_colours(to_bytes(image)).size(); }

TEST(Bilateral, SmoothsWithinAndKeepsEdges) {
  Image image;
  image.width = 32;
  image.height = 16;
  for (int i = 0; i < 32 * 16; ++i)  // a checkered grain of ±0.02 on two plateaus
    image.rgb.insert(image.rgb.end(), 3, (i % 32 < 16 ? 0.2F : 0.8F) + ((i / 32 + i) % 2 == 0 ? 0.02F : -0.02F));
  const auto smooth = bilateral(image);
  for (std::size_t i = 0; i < 32 * 16; ++i) EXPECT_NEAR(smooth.rgb[3 * i], i % 32 < 16 ? 0.2 : 0.8, 0.006) << i;
}

TEST(Bilateral, LeavesAFlatPictureAlone) {
  Image image;
  image.width = image.height = 5;
  image.rgb.assign(75, 0.3F);
  for (const float value : bilateral(image).rgb) EXPECT_NEAR(value, 0.3, 1e-6);
}

TEST(Cartoon, HasAtMostAsManyColoursAsAskedFor) {
  for (const int colours : {2, 5, 12, 40}) {
    EXPECT_LE(colours_in(cartoon(photo(), {.colours = colours})), static_cast<std::size_t>(colours));
    const auto flat = colours_in(cartoon(photo(), {.colours = colours, .ink = false}));
    EXPECT_LE(flat, static_cast<std::size_t>(colours));
    EXPECT_GE(flat, static_cast<std::size_t>(colours) * 3 / 4);  // specks may take a rare one away
  }
}

TEST(Cartoon, GivesDbscanItsNumberOfClusters) {
  const auto drawn = to_bytes(cartoon(photo(), {.colours = 8}));
  const auto found = cluster_colours(drawn);
  EXPECT_EQ(found.clusters.size(), found.colours.size());
  EXPECT_GT(count_colour_clusters(to_bytes(photo())), 3 * found.clusters.size());
}

TEST(Cartoon, LooksLikeThePhoto) {
  const auto before = photo(), after = cartoon(before, {.colours = 24, .ink = false});
  double sum = 0;
  for (std::size_t i = 0; i < before.rgb.size(); ++i) sum += std::abs(before.rgb[i] - after.rgb[i]);
  EXPECT_LT(sum / static_cast<double>(before.rgb.size()), 0.06);
}

TEST(Cartoon, InksTheDarkSideOfAnEdge) {
  Image image;
  image.width = 40;
  image.height = 20;
  for (int i = 0; i < 40 * 20; ++i) image.rgb.insert(image.rgb.end(), 3, i % 40 < 20 ? 0.3F : 0.9F);
  const auto drawn = cartoon(image, {.colours = 3});
  const auto level = [&](std::size_t x) { return drawn.rgb[(10 * 40 + x) * 3]; };
  EXPECT_LT(level(19), 0.15);
  EXPECT_NEAR(level(5), 0.3, 0.01);
  EXPECT_NEAR(level(22), 0.9, 0.01);
}

TEST(Cartoon, RepeatsForASeed) { EXPECT_EQ(cartoon(photo(), {.seed = 3}).rgb, cartoon(photo(), {.seed = 3}).rgb); }

TEST(Cartoon, RefusesWhatItCannotDraw) {
  EXPECT_THROW(cartoon(Image()), Error);
  EXPECT_THROW(cartoon(photo(), {.colours = 1}), Error);
  EXPECT_THROW(cartoon(photo(), {.colours = 257}), Error);
  EXPECT_THROW(cartoon(photo(), {.line_width = 0}), Error);
}

}  // namespace
}  // namespace atelier
