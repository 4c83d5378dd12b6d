#include "core/random.h"

#include <gtest/gtest.h>

namespace atelier {
namespace {

TEST(Random, EveryBitOfTheSeedAndEveryWordCounts) {
  const auto first = [](auto... words) { return seeded(words...)(); };
  EXPECT_EQ(first(std::uint64_t{7}), first(std::uint64_t{7}));
  EXPECT_NE(first(std::uint64_t{7}), first(std::uint64_t{7} + (std::uint64_t{1} << 40)));
  EXPECT_NE(first(std::uint64_t{7}), first(std::uint64_t{7}, 1U));
  EXPECT_NE(first(std::uint64_t{7}, 1U), first(std::uint64_t{7}, 2U));
}

TEST(Random, UniformNumbersFillTheUnitInterval) {
  Random random(1);
  double sum = 0, least = 1, most = 0;
  for (int i = 0; i < 10000; ++i) {
    const double at = uniform(random);
    sum += at;
    least = std::min(least, at);
    most = std::max(most, at);
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.02);
  EXPECT_GE(least, 0);
  EXPECT_LT(most, 1);
  EXPECT_LT(least, 0.01);
  EXPECT_GT(most, 0.99);
}

}  // namespace
}  // namespace atelier
