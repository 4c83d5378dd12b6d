#include "training/faint_noise.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace atelier {
namespace {

TEST(FaintNoise, IsFaintAndItsOwnForEachPicture) {
  const auto grey = torch::full({40, 3, 64, 48}, 0.5);
  const auto noise = with_faint_noise(grey, 7) - 0.5;
  ASSERT_EQ(noise.sizes(), grey.sizes());
  const auto deviation = noise.square().mean({1, 2, 3}).sqrt() * 255;
  EXPECT_LT(deviation.max().item<double>(), 3.5);
  EXPECT_GT(deviation.max().item<double>(), 1.5);
  EXPECT_LT(deviation.min().item<double>(), 1);
  EXPECT_LT(noise.mean().abs().item<double>() * 255, 0.3);
}

TEST(FaintNoise, HasCellsAndBands) {
  const auto noise = with_faint_noise(torch::full({400, 3, 32, 32}, 0.5), 1);
  const auto unchanged = [](const Tensor& differences) {
    return differences.abs().amax({1, 2, 3}).eq(0).sum().item<int>();
  };
  // 60 of each are expected.
  const int bands_across = unchanged(noise.diff(1, 3)), bands_down = unchanged(noise.diff(1, 2));
  EXPECT_NEAR(bands_across, 60, 25);
  EXPECT_NEAR(bands_down, 60, 25);
  // Of the others three quarters have cells two pixels wide or wider.
  EXPECT_NEAR(unchanged(noise.slice(3, 0, 32, 2) - noise.slice(3, 1, 32, 2)), 60 + 340 * 0.75, 40);
}

TEST(FaintNoise, TheSeedDecidesAndColoursStayColours) {
  const auto picture = torch::rand({2, 3, 33, 17}).round();
  const auto noisy = with_faint_noise(picture, 3);
  EXPECT_TRUE(noisy.equal(with_faint_noise(picture, 3)));
  EXPECT_FALSE(noisy.equal(with_faint_noise(picture, 4)));
  EXPECT_GE(noisy.min().item<float>(), 0);
  EXPECT_LE(noisy.max().item<float>(), 1);
}

}  // namespace
}  // namespace atelier
