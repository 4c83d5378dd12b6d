#include "tensor/free_ranges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

namespace atelier {
namespace {

using testing::ElementsAre;
using testing::Pair;

struct FreeRangesTest : testing::Test {
  std::byte* at(std::size_t offset) { return memory.data() + offset; }
  AddressRange range(std::size_t begin, std::size_t end) { return {at(begin), end - begin}; }

  std::array<std::byte, 1000> memory{};
  FreeRanges ranges;
};

TEST_F(FreeRangesTest, JoinsWhatTouchesItsEnd) {
  ranges.add(range(0, 100));
  ranges.add(range(100, 150));
  EXPECT_THAT(ranges.all(), ElementsAre(Pair(at(0), 150)));
}

TEST_F(FreeRangesTest, JoinsWhatTouchesItsFront) {
  ranges.add(range(100, 150));
  ranges.add(range(200, 220));
  ranges.add(range(50, 100));
  EXPECT_THAT(ranges.all(), ElementsAre(Pair(at(50), 100), Pair(at(200), 20)));
  EXPECT_EQ(ranges.bytes(), 120U);
}

TEST_F(FreeRangesTest, JoinsNeighboursOnBothSides) {
  ranges.add(range(0, 100));
  ranges.add(range(200, 300));
  EXPECT_THAT(ranges.all(), ElementsAre(Pair(at(0), 100), Pair(at(200), 100)));
  ranges.add(range(100, 200));
  EXPECT_THAT(ranges.all(), ElementsAre(Pair(at(0), 300)));
  EXPECT_EQ(ranges.bytes(), 300U);
}

TEST_F(FreeRangesTest, TakesFromTheFrontOfTheSmallestThatIsLargeEnough) {
  ranges.add(range(0, 100));
  ranges.add(range(200, 250));
  ranges.add(range(300, 320));
  EXPECT_EQ(ranges.take(40), at(200));
  EXPECT_THAT(ranges.all(), ElementsAre(Pair(at(0), 100), Pair(at(240), 10), Pair(at(300), 20)));
  EXPECT_EQ(ranges.take(20), at(300)) << "all of it";
  EXPECT_EQ(ranges.take(101), nullptr);
  EXPECT_EQ(ranges.bytes(), 110U);
  EXPECT_EQ(ranges.largest().begin, at(0));
  EXPECT_EQ(ranges.largest().size, 100U);
}

TEST_F(FreeRangesTest, GivesTheEndOfAStretchAway) {
  ranges.add(range(0, 100));
  ranges.add(range(200, 300));
  const auto end = ranges.take_from(at(60));
  EXPECT_EQ(end.begin, at(60));
  EXPECT_EQ(end.size, 40U);
  EXPECT_EQ(ranges.take_from(at(200)).size, 100U) << "all of it";
  EXPECT_THAT(ranges.all(), ElementsAre(Pair(at(0), 60)));
}

TEST_F(FreeRangesTest, LosesNothingInAThousandTakesAndReturns) {
  std::mt19937 random(1);
  std::vector<AddressRange> taken;
  std::vector<int> owners(memory.size(), 0);
  const auto own = [&](const AddressRange& range, int change) {
    for (auto* byte = range.begin; byte < range.end(); ++byte) {
      int& owned = owners[static_cast<std::size_t>(byte - memory.data())];
      ASSERT_EQ(owned + change, change > 0 ? 1 : 0);
      owned += change;
    }
  };
  ranges.add(range(0, memory.size()));
  for (int i = 0; i < 1000; ++i) {
    const std::size_t size = 1 + random() % 90;
    if (auto* begin = ranges.take(size)) {
      own(taken.emplace_back(AddressRange{begin, size}), 1);
    } else {
      std::swap(taken[random() % taken.size()], taken.back());
      own(taken.back(), -1);
      ranges.add(taken.back());
      taken.pop_back();
    }
  }
  for (const auto& range : taken) ranges.add(range);
  EXPECT_THAT(ranges.all(), ElementsAre(Pair(memory.data(), memory.size())));
  EXPECT_EQ(ranges.bytes(), memory.size());
}

}  // namespace
}  // namespace atelier
