#include "core/machine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace atelier {
namespace {

TEST(Machine, KnowsItsProcessor) {
  EXPECT_FALSE(cpu_name().empty());
  for (const auto& name : instruction_sets()) EXPECT_NE(name.find('A'), std::string::npos);
}

TEST(Machine, WiderInstructionSetsComeAfterNarrowerOnes) {
  const auto sets = instruction_sets();
  const auto avx2 = std::find(sets.begin(), sets.end(), "AVX2");
  const auto avx512 = std::find(sets.begin(), sets.end(), "AVX-512");
  if (avx512 == sets.end()) GTEST_SKIP() << "no AVX-512 here";
  EXPECT_LT(avx2, avx512);
}

TEST(Machine, CoresAreAtLeastOneAndNoMoreThanThereAre) {
  EXPECT_GE(usable_cores(), 1);
  EXPECT_LE(usable_cores(), static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
}

TEST(Machine, AvailableMemoryIsBelowTheTotal) {
  EXPECT_GT(total_memory(), 0U);
  EXPECT_LE(available_memory(), total_memory());
}

}  // namespace
}  // namespace atelier
