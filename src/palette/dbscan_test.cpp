#include "palette/dbscan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "atelier/error.h"
#include "media/image_file.h"
#include "palette/dbscan_points.h"

namespace atelier {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Labels = std::vector<std::int32_t>;

Bytes repeated(std::initializer_list<std::pair<Rgb8, int>> colours) {
  Bytes pixels;
  for (const auto& [rgb, times] : colours)
    for (int i = 0; i < times; ++i) pixels.insert(pixels.end(), rgb.begin(), rgb.end());
  return pixels;
}

/// Colours that crowd in a small part of the cube, so that all kinds of pixels occur.
Bytes random_pixels(std::size_t count, int spread, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> near(0, spread);
  Bytes pixels;
  for (std::size_t i = 0; i < count; ++i) {
    const double centre = i % 3 == 0 ? 4 : i % 3 == 1 ? 120 : 250;  // the cube's corners too
    for (int c = 0; c < 3; ++c)
      pixels.push_back(static_cast<std::uint8_t>(std::clamp(centre + near(random), 0.0, 255.0)));
  }
  return pixels;
}

/// DBSCAN pixel by pixel, as the definition has it: clusters grow one after the other from their first core pixel.
Labels plain_dbscan(const Bytes& pixels, double eps, std::size_t min_points) {
  const auto count = pixels.size() / 3;
  const auto neighbours = [&](std::size_t i) {
    std::vector<std::size_t> found;
    for (std::size_t j = 0; j < count; ++j) {
      double sum = 0;
      for (std::size_t c = 0; c < 3; ++c) sum += std::pow(double(pixels[3 * i + c]) - double(pixels[3 * j + c]), 2);
      if (sum <= eps * eps) found.push_back(j);
    }
    return found;
  };
  Labels labels(count, kNoise);
  std::int32_t next = 0;
  for (std::size_t seed = 0; seed < count; ++seed) {
    if (labels[seed] != kNoise || neighbours(seed).size() < min_points) continue;
    std::vector<std::size_t> open{seed};
    labels[seed] = next;
    while (!open.empty()) {
      const auto around = neighbours(open.back());
      open.pop_back();
      if (around.size() < min_points) continue;
      for (const auto j : around)
        if (labels[j] == kNoise) {
          labels[j] = next;
          open.push_back(j);
        }
    }
    ++next;
  }
  return labels;
}

Labels labels_of(const Bytes& pixels, const DbscanOptions& options) {
  return pixel_labels(pixels, cluster_colours(pixels, options));
}

TEST(Dbscan, CountsThePixelsOfTwoFlatColours) {
  const auto pixels = repeated({{{10, 10, 10}, 12}, {{200, 0, 0}, 9}, {{11, 10, 10}, 1}, {{0, 0, 90}, 30}});
  const auto found = cluster_colours(pixels);
  ASSERT_EQ(found.clusters.size(), 2U);  // the nine red pixels are one short of a cluster
  EXPECT_EQ(found.clusters[0].pixels, 13U);
  EXPECT_EQ(found.clusters[0].colours, 2U);
  EXPECT_DOUBLE_EQ(found.clusters[0].mean[0], (12 * 10 + 11) / 13.0);
  EXPECT_EQ(found.clusters[1].pixels, 30U);
  EXPECT_EQ(found.noise, 9U);
  EXPECT_EQ(found.pixels, 52U);
  EXPECT_EQ(count_colour_clusters(pixels), 2U);
}

TEST(Dbscan, TakesTheRimOfTheNeighbourhoodIn) {
  const auto pixels = repeated({{{100, 100, 100}, 5}, {{102, 100, 100}, 5}});
  EXPECT_EQ(count_colour_clusters(pixels, {.eps = 2}), 1U);
  EXPECT_EQ(count_colour_clusters(pixels, {.eps = 1.999}), 0U);
}

TEST(Dbscan, GivesABorderPixelToTheClusterThatBeganFirst) {
  // (4, 0, 0) sees 11 pixels and is no core, but lies within reach of the cores (2, 0, 0) and (6, 0, 0), which see 12;
  // it comes first in the picture.
  for (const std::uint8_t first : {2, 6}) {
    const auto second = static_cast<std::uint8_t>(8 - first);
    const auto beyond = [](std::uint8_t core) { return static_cast<std::uint8_t>(core == 2 ? 0 : 8); };
    const auto pixels = repeated({{{4, 0, 0}, 1},
                                  {{first, 0, 0}, 5},
                                  {{beyond(first), 0, 0}, 6},
                                  {{second, 0, 0}, 5},
                                  {{beyond(second), 0, 0}, 6}});
    const auto found = cluster_colours(pixels, {.min_points = 12});
    ASSERT_EQ(found.clusters.size(), 2U);
    EXPECT_FALSE(found.colours[0].core);
    EXPECT_EQ(found.colours[0].label, 0);
    EXPECT_EQ(found.colours[1].label, 0);
    EXPECT_EQ(found.colours[3].label, 1);
  }
}

TEST(Dbscan, ChainsCoresAcrossBlocksAndToTheEndsOfTheRange) {
  Bytes pixels;
  for (int value = 0; value < 256; value += 2)
    for (int i = 0; i < 10; ++i) pixels.insert(pixels.end(), 3, static_cast<std::uint8_t>(value == 254 ? 255 : value));
  EXPECT_EQ(count_colour_clusters(pixels), 128U);               // steps of √12 part them
  EXPECT_EQ(count_colour_clusters(pixels, {.eps = 3.47}), 2U);  // … and join all but the last, √27 away
}

TEST(Dbscan, IsTheDefinitionWhateverTheRadius) {
  for (const double eps : {0.5, 1.0, 1.5, 1.75, 2.0, 2.3, 2.99, 3.0, 4.7, 9.0})
    for (const int min_points : {1, 3, 10, 40})
      for (const std::uint32_t seed : {1U, 2U}) {
        const auto pixels = random_pixels(700, seed == 1 ? 3 : 7, seed);
        const auto expected = plain_dbscan(pixels, eps, static_cast<std::size_t>(min_points));
        EXPECT_EQ(labels_of(pixels, {.eps = eps, .min_points = min_points}), expected) << eps << ' ' << min_points;
      }
}

TEST(Dbscan, IsTheDefinitionWhereCountsExceedAByte) {
  auto pixels = random_pixels(900, 1, 5);
  for (const int min_points : {200, 255, 256, 290})
    EXPECT_EQ(labels_of(pixels, {.min_points = min_points}),
              plain_dbscan(pixels, 2, static_cast<std::size_t>(min_points)))
        << min_points;
}

TEST(Dbscan, GivesScikitLearnsLabels) {
  std::ifstream file(std::string(ATELIER_FIXTURES) + "/dbscan.json");
  for (const auto& expected : nlohmann::json::parse(file)) {
    const std::string picture = expected["picture"];
    const auto pixels = to_bytes(read_image(std::string(ATELIER_FIXTURES) + "/" + picture));
    const DbscanOptions options{expected["eps"], expected["min_points"],
                                expected["space"] == "lab" ? ColourSpace::kLab : ColourSpace::kRgb};
    Labels labels;
    for (std::size_t i = 0; i < expected["labels"].size(); i += 2)
      labels.insert(labels.end(), expected["labels"][i + 1].get<std::size_t>(), expected["labels"][i]);
    const auto found = cluster_colours(pixels, options);
    EXPECT_EQ(found.clusters.size(), expected["clusters"]) << picture << ' ' << options.eps;
    EXPECT_EQ(pixel_labels(pixels, found), labels) << picture << ' ' << options.eps;
    std::uint64_t core = 0;
    for (const auto& colour : found.colours) core += colour.core ? colour.pixels : 0;
    EXPECT_EQ(core, expected["core_pixels"]) << picture << ' ' << options.eps;
  }
}

TEST(Dbscan, SharesAndMeansAddUpToThePicture) {
  const auto pixels = random_pixels(5000, 6, 3);
  const auto found = cluster_colours(pixels);
  std::uint64_t counted = found.noise;
  for (const auto& cluster : found.clusters) counted += cluster.pixels;
  EXPECT_EQ(counted, 5000U);
  EXPECT_EQ(found.pixels, 5000U);
  EXPECT_EQ(found.clusters.size(), count_colour_clusters(pixels));
}

TEST(Dbscan, ListsColoursInTheOrderOfThePixels) {
  const auto colours = count_colours(repeated({{{9, 8, 7}, 2}, {{0, 0, 255}, 1}, {{255, 254, 1}, 3}, {{9, 8, 7}, 1}}));
  ASSERT_EQ(colours.size(), 3U);
  EXPECT_EQ(colours[0].rgb, (Rgb8{9, 8, 7}));
  EXPECT_EQ(colours[0].pixels, 3U);
  EXPECT_EQ(colours[1].rgb, (Rgb8{0, 0, 255}));
  EXPECT_EQ(colours[2].rgb, (Rgb8{255, 254, 1}));
}

TEST(Dbscan, LeavesNothingBehindForTheNextPicture) {
  const auto first = random_pixels(3000, 9, 1), second = repeated({{{4, 4, 4}, 3}});
  const auto before = labels_of(first, {});
  EXPECT_EQ(labels_of(second, {}), Labels(3, kNoise));
  EXPECT_EQ(labels_of(first, {}), before);
}

TEST(Dbscan, WorksInLab) {
  EXPECT_NEAR(to_lab({255, 255, 255})[0], 100, 1e-9);
  EXPECT_NEAR(to_lab({255, 255, 255})[1], 0, 1e-9);
  const auto red = to_lab({255, 0, 0});  // CIE's values for the red of sRGB
  EXPECT_NEAR(red[0], 53.24, 0.01);
  EXPECT_NEAR(red[1], 80.09, 0.02);
  EXPECT_NEAR(red[2], 67.20, 0.03);
  const auto pixels = repeated({{{0, 0, 100}, 10}, {{0, 0, 110}, 10}});
  EXPECT_EQ(count_colour_clusters(pixels, {.eps = 6, .space = ColourSpace::kLab}), 1U);  // 4.9 apart
  EXPECT_EQ(count_colour_clusters(pixels, {.eps = 6}), 2U);
}

TEST(Dbscan, RefusesWhatItCannotUse) {
  const auto pixels = repeated({{{1, 2, 3}, 4}});
  EXPECT_THROW(cluster_colours({}), Error);
  EXPECT_THROW(cluster_colours(Bytes{1, 2, 3, 4}), Error);
  for (const double eps : {0.0, -1.0, 33.0, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_THROW(cluster_colours(pixels, {.eps = eps}), Error) << eps;
  EXPECT_THROW(count_colour_clusters(pixels, {.min_points = 0}), Error);
}

}  // namespace
}  // namespace atelier
