// k-means and hierarchical clustering of colours.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "atelier/error.h"
#include "palette/hierarchical.h"
#include "palette/kmeans.h"

namespace atelier {
namespace {

using Bytes = std::vector<std::uint8_t>;

void add(Bytes& pixels, const Rgb8& rgb, int times) {
  for (int i = 0; i < times; ++i) pixels.insert(pixels.end(), rgb.begin(), rgb.end());
}

/// Three far groups of near colours: 30 dark, 60 red, 10 white pixels.
Bytes three_groups() {
  Bytes pixels;
  add(pixels, {10, 10, 10}, 20);
  add(pixels, {14, 10, 10}, 10);
  add(pixels, {200, 20, 20}, 59);
  add(pixels, {206, 20, 20}, 1);
  add(pixels, {250, 250, 250}, 10);
  return pixels;
}

Bytes noise(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  Bytes pixels(3 * count);
  for (auto& value : pixels) value = static_cast<std::uint8_t>(random());
  return pixels;
}

double spread(const ColourClusters& found) {
  double sum = 0;
  for (const auto& colour : found.colours) {
    const auto& mean = found.clusters[static_cast<std::size_t>(colour.label)].mean;
    sum += colour.pixels * squared_distance(position(colour.rgb, ColourSpace::kRgb), mean);
  }
  return sum;
}

void expect_the_three_groups(const ColourClusters& found) {
  ASSERT_EQ(found.clusters.size(), 3U);
  EXPECT_EQ(found.clusters[0].pixels, 60U);  // by falling share
  EXPECT_EQ(found.clusters[1].pixels, 30U);
  EXPECT_EQ(found.clusters[2].pixels, 10U);
  EXPECT_NEAR(found.clusters[0].mean[0], 200.1, 1e-9);
  EXPECT_NEAR(found.clusters[1].mean[0], (20 * 10 + 10 * 14) / 30.0, 1e-9);
  EXPECT_EQ(found.noise, 0U);
}

TEST(KMeans, FindsThreeGroups) {
  for (const std::uint64_t seed : {0U, 1U, 2U, 3U})
    expect_the_three_groups(kmeans_colours(three_groups(), {.clusters = 3, .seed = seed}));
}

TEST(KMeans, PutsEveryColourToItsNearestMean) {
  const auto found = kmeans_colours(noise(400, 1), {.clusters = 7});
  for (const auto& colour : found.colours) {
    const auto point = position(colour.rgb, ColourSpace::kRgb);
    const auto mine = squared_distance(point, found.clusters[static_cast<std::size_t>(colour.label)].mean);
    for (const auto& cluster : found.clusters) EXPECT_LE(mine, squared_distance(point, cluster.mean) + 0.5);
  }
}

TEST(KMeans, RepeatsForASeedAndGainsByMoreClusters) {
  const auto pixels = noise(3000, 2);
  const auto labels = pixel_labels(pixels, kmeans_colours(pixels, {.clusters = 5, .seed = 9}));
  EXPECT_EQ(pixel_labels(pixels, kmeans_colours(pixels, {.clusters = 5, .seed = 9})), labels);
  double last = std::numeric_limits<double>::infinity();
  for (const int clusters : {1, 2, 8, 32}) {
    const double now = spread(kmeans_colours(pixels, {.clusters = clusters}));
    EXPECT_LT(now, 0.9 * last);
    last = now;
  }
}

TEST(KMeans, MakesNoMoreClustersThanThereAreColours) {
  Bytes pixels;
  add(pixels, {1, 2, 3}, 5);
  add(pixels, {9, 2, 3}, 5);
  EXPECT_EQ(kmeans_colours(pixels, {.clusters = 8}).clusters.size(), 2U);
  EXPECT_EQ(hierarchical_colours(pixels, {.clusters = 8}).clusters.size(), 2U);
}

TEST(KMeans, BoundsItsWorkOnManyColours) {
  const auto found = kmeans_colours(noise(200'000, 3), {.clusters = 4});
  EXPECT_GT(found.colours.size(), 150'000U);
  EXPECT_EQ(found.clusters.size(), 4U);
}

TEST(Hierarchical, FindsThreeGroups) {
  for (const auto linkage : {Linkage::kWard, Linkage::kAverage})
    for (const auto space : {ColourSpace::kRgb, ColourSpace::kLab})
      expect_the_three_groups(
          hierarchical_colours(three_groups(), {.clusters = 3, .space = space, .linkage = linkage}));
}

/// The definition: again and again the two nearest groups of points, taken pixel by pixel.
std::vector<std::uint32_t> plainly_joined(const std::vector<Point3>& points, const std::vector<double>& weights,
                                          std::size_t clusters, Linkage linkage) {
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < points.size(); ++i) groups.push_back({i});
  const auto distance = [&](const auto& a, const auto& b) {
    double sum = 0, wa = 0, wb = 0;
    Point3 ma{}, mb{};
    for (const auto i : a) {
      wa += weights[i];
      for (std::size_t c = 0; c < 3; ++c) ma[c] += weights[i] * points[i][c];
      for (const auto j : b) sum += weights[i] * weights[j] * std::sqrt(squared_distance(points[i], points[j]));
    }
    for (const auto j : b) {
      wb += weights[j];
      for (std::size_t c = 0; c < 3; ++c) mb[c] += weights[j] * points[j][c];
    }
    for (std::size_t c = 0; c < 3; ++c) ma[c] /= wa, mb[c] /= wb;
    return linkage == Linkage::kWard ? wa * wb / (wa + wb) * squared_distance(ma, mb) : sum / (wa * wb);
  };
  while (groups.size() > clusters) {
    std::size_t a = 0, b = 1;
    for (std::size_t i = 0; i < groups.size(); ++i)
      for (std::size_t j = i + 1; j < groups.size(); ++j)
        if (distance(groups[i], groups[j]) < distance(groups[a], groups[b])) a = i, b = j;
    groups[a].insert(groups[a].end(), groups[b].begin(), groups[b].end());
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(b));
  }
  std::sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) {
    return *std::min_element(a.begin(), a.end()) < *std::min_element(b.begin(), b.end());
  });
  std::vector<std::uint32_t> labels(points.size());
  for (std::uint32_t g = 0; g < groups.size(); ++g)
    for (const auto i : groups[g]) labels[i] = g;
  return labels;
}

TEST(Hierarchical, JoinsAsTheDefinitionDoes) {
  std::mt19937 random(4);
  std::uniform_real_distribution<double> anywhere(0, 255), heavy(1, 40);
  std::vector<Point3> points(40);
  std::vector<double> weights(points.size());
  for (auto& point : points) point = {anywhere(random), anywhere(random), anywhere(random)};
  for (auto& weight : weights) weight = heavy(random);
  for (const auto linkage : {Linkage::kWard, Linkage::kAverage})
    for (const std::size_t clusters : {1U, 2U, 5U, 17U, 40U})
      EXPECT_EQ(join_points(points, weights, clusters, linkage), plainly_joined(points, weights, clusters, linkage))
          << clusters;
}

TEST(Hierarchical, EndsOnEqualDistances) {
  std::vector<Point3> points;
  for (int x = 0; x < 4; ++x)
    for (int y = 0; y < 4; ++y)
      for (int z = 0; z < 4; ++z) points.push_back({8.0 * x, 8.0 * y, 8.0 * z});
  const std::vector<double> weights(points.size(), 1);
  for (const auto linkage : {Linkage::kWard, Linkage::kAverage}) {
    const auto groups = join_points(points, weights, 5, linkage);
    EXPECT_EQ(std::set<std::uint32_t>(groups.begin(), groups.end()).size(), 5U);
  }
}

TEST(CoarseColours, KeepsWeightAndMean) {
  const auto colours = count_colours(noise(5000, 6));
  const auto coarse = coarse_colours(colours, ColourSpace::kRgb, 300);
  EXPECT_LE(coarse.points.size(), 300U);
  EXPECT_GT(coarse.points.size(), 30U);
  double weight = 0, red = 0, expected = 0;
  for (std::size_t i = 0; i < coarse.points.size(); ++i)
    weight += coarse.weights[i], red += coarse.weights[i] * coarse.points[i][0];
  for (const auto& colour : colours) expected += colour.pixels * colour.rgb[0];
  EXPECT_EQ(weight, 5000);
  EXPECT_NEAR(red, expected, 1e-6 * expected);
}

TEST(Grouping, RefusesWhatItCannotUse) {
  const Bytes pixels(30, 7);
  for (const int clusters : {0, -1, 257}) {
    EXPECT_THROW(kmeans_colours(pixels, {.clusters = clusters}), Error);
    EXPECT_THROW(hierarchical_colours(pixels, {.clusters = clusters}), Error);
  }
  EXPECT_THROW(kmeans_colours({}), Error);
  EXPECT_THROW(hierarchical_colours({}), Error);
}

}  // namespace
}  // namespace atelier
