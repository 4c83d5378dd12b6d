#include "methods/model_iteration/generative/stroke_size.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <utility>
#include <vector>

namespace atelier::methods {
namespace {

using Sizes = std::vector<std::pair<std::int64_t, std::int64_t>>;

/// Which sizes a network is applied at.
Sizes sizes_painted(std::int64_t height, std::int64_t width, double times) {
  Sizes sizes;
  paint_with_strokes(torch::zeros({1, 3, height, width}), times, [&](const Tensor& picture) {
    sizes.emplace_back(picture.size(2), picture.size(3));
    return picture;
  });
  return sizes;
}

TEST(StrokeSize, PaintsFromCoarseToFine) {
  EXPECT_EQ(sizes_painted(120, 200, 1), Sizes({{120, 200}}));
  EXPECT_EQ(sizes_painted(120, 200, 1.5), Sizes({{80, 133}, {120, 200}}));
  EXPECT_EQ(sizes_painted(256, 200, 4), Sizes({{64, 50}, {128, 100}, {256, 200}}));
  EXPECT_EQ(sizes_painted(256, 200, 3), Sizes({{85, 67}, {128, 100}, {256, 200}}));
}

TEST(StrokeSize, LeavesOutCopiesThatAreTooSmall) {
  EXPECT_EQ(sizes_painted(120, 200, 16), Sizes({{60, 100}, {120, 200}}));
  EXPECT_EQ(sizes_painted(40, 200, 4), Sizes({{40, 200}}));
}

TEST(StrokeSize, GrowsWithLargePicturesUnlessTold) {
  const auto strokes = [](std::int64_t height, std::int64_t width, double asked = 0) {
    return growing_strokes(torch::zeros({1}).expand({1, 3, height, width}), asked);
  };
  EXPECT_EQ(strokes(512, 300), 1);
  EXPECT_EQ(strokes(300, 768), 1);
  EXPECT_EQ(strokes(896, 300), 1.75);
  EXPECT_EQ(strokes(300, 1080), 2);
  EXPECT_EQ(strokes(2160, 3840), 2);
  EXPECT_EQ(strokes(2160, 3840, 1), 1);
  EXPECT_EQ(strokes(512, 300, 3), 3);
}

TEST(StrokeSize, PaintsThePaintedCopyOver) {
  const auto made =
      paint_with_strokes(torch::zeros({1, 3, 64, 64}), 2, [](const Tensor& picture) { return picture + 0.25; });
  EXPECT_TRUE(torch::allclose(made, torch::full_like(made, 0.5)));
}

TEST(StrokeSize, NextPassSeesColoursOnly) {
  const auto made =
      paint_with_strokes(torch::zeros({1, 3, 64, 64}), 2, [](const Tensor& picture) { return picture + 3; });
  EXPECT_TRUE(torch::allclose(made, torch::full_like(made, 4)));
}

}  // namespace
}  // namespace atelier::methods
