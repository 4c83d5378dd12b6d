#include "tensor/resize.h"

#include <gtest/gtest.h>

#include "atelier/error.h"

namespace atelier {
namespace {

TEST(Resize, HalvingARampAveragesWithinIt) {  // pixel centres: output i sits at input 2i + 0.5
  const auto ramp = torch::arange(64., torch::kFloat).view({1, 1, 1, 64}).expand({1, 1, 64, 64});
  for (const auto filter : {Filter::kBicubic, Filter::kBilinear}) {
    const auto half = resize(ramp, 32, 32, filter);
    EXPECT_TRUE(
        torch::allclose(half[0][0][7].slice(0, 8, 24), torch::arange(16., torch::kFloat) * 2 + 16.5, 1e-5, 1e-4));
  }
}

TEST(Resize, NearestTakesThePixelUnderTheCentre) {
  const auto labels = torch::tensor({1.f, 2.f, 3.f, 4.f}).view({1, 1, 2, 2});
  const auto larger = resize(labels, 4, 4, Filter::kNearest);
  const auto want = torch::tensor({1.f, 1.f, 2.f, 2.f, 1.f, 1.f, 2.f, 2.f, 3.f, 3.f, 4.f, 4.f, 3.f, 3.f, 4.f, 4.f});
  EXPECT_TRUE(larger.flatten().equal(want));
}

TEST(Resize, KeepsConstantsUpAndDown) {
  for (const auto filter : {Filter::kBicubic, Filter::kBilinear, Filter::kNearest})
    for (const auto& [height, width] : {std::pair{74, 106}, {10, 20}, {1, 1}, {37, 200}, {300, 7}}) {
      const auto flat = torch::full({2, 3, 37, 53}, 0.3f);
      EXPECT_LT((resize(flat, height, width, filter) - 0.3f).abs().max().item<float>(), 1e-6f);
    }
}

TEST(Resize, ShrinkingRemovesACheckerboard) {  // antialiased: no moiré, just the mean
  const auto i = torch::arange(64);
  const auto board = ((i.view({1, 64}) + i.view({64, 1})) % 2).to(torch::kFloat).view({1, 1, 64, 64});
  const auto small = resize(board, 15, 15);
  EXPECT_LT((small.slice(2, 2, 13).slice(3, 2, 13) - 0.5f).abs().max().item<float>(), 0.02f);
}

TEST(Resize, BilinearStaysInRangeAndPicturesAreClamped) {
  torch::manual_seed(3);
  const auto noise = torch::rand({1, 3, 20, 30}).round();
  EXPECT_GT(resize(noise, 41, 57).max().item<float>(), 1.f);
  for (const auto& out : {resize(noise, 41, 57, Filter::kBilinear), resize_picture(noise, 41, 57)}) {
    EXPECT_GE(out.min().item<float>(), 0.f);
    EXPECT_LE(out.max().item<float>(), 1.f + 1e-6f);
  }
}

TEST(Resize, DoesNotMindTheMemoryLayout) {
  torch::manual_seed(3);
  const auto picture = torch::rand({1, 3, 20, 30});
  const auto last = picture.contiguous(torch::MemoryFormat::ChannelsLast);
  EXPECT_TRUE(resize(last, 13, 40).equal(resize(picture, 13, 40)));
}

TEST(Resize, ReturnsTheInputWhenTheSizeIsRight) {
  const auto picture = torch::rand({1, 3, 4, 5});
  EXPECT_TRUE(resize(picture, 4, 5).is_same(picture));
}

TEST(FitLongerSide, KeepsTheAspect) {
  EXPECT_EQ(fitted_size(300, 400, 200), (std::pair<std::int64_t, std::int64_t>{150, 200}));
  EXPECT_EQ(fitted_size(400, 300, 800), (std::pair<std::int64_t, std::int64_t>{800, 600}));
  EXPECT_EQ(fitted_size(1, 1000, 100), (std::pair<std::int64_t, std::int64_t>{1, 100}));
  EXPECT_EQ(fit_longer_side(torch::rand({1, 3, 30, 40}), 20).sizes(), (std::vector<std::int64_t>{1, 3, 15, 20}));
}

TEST(Resize, RefusesWhatHasNoPixels) {
  EXPECT_THROW(resize(torch::rand({3, 4, 4}), 2, 2), Error);
  EXPECT_THROW(resize(torch::rand({1, 3, 0, 4}), 2, 2), Error);
  EXPECT_THROW(resize(torch::rand({1, 3, 4, 4}), 0, 2), Error);
  EXPECT_THROW(fit_longer_side(torch::rand({1, 3, 4, 4}), 0), Error);
}

}  // namespace
}  // namespace atelier
