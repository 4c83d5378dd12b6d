#include "core/machine.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "support/weight_files.h"

namespace atelier {
namespace {

TEST(Machine, KnowsItsProcessor) {
  EXPECT_FALSE(cpu_name().empty());
  EXPECT_EQ(cpu_vendor().find(' '), std::string::npos) << "one word, on x86-64 at least";
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

TEST(Machine, AContainersFileCacheIsNoUsedMemory) {
  const test::TemporaryFolder groups;
  const auto root = groups.path().string() + "/";
  EXPECT_FALSE(memory_limit(root));
  test::write_text(groups / "memory.max", "max\n");
  test::write_text(groups / "memory.current", "900\n");
  EXPECT_FALSE(memory_limit(root));
  test::write_text(groups / "memory.max", "1000\n");
  EXPECT_EQ(memory_limit(root)->used, 900);
  test::write_text(groups / "memory.stat", "anon 200\nfile 700\ninactive_file 600\nactive_file 100\n");
  EXPECT_EQ(memory_limit(root)->limit, 1000);
  EXPECT_EQ(memory_limit(root)->used, 300);
}

TEST(Machine, TheFirstVersionOfControlGroupsHasOtherNames) {
  const test::TemporaryFolder groups;
  std::filesystem::create_directories(groups / "memory");
  test::write_text(groups / "memory/memory.limit_in_bytes", "1000\n");
  test::write_text(groups / "memory/memory.usage_in_bytes", "900\n");
  test::write_text(groups / "memory/memory.stat", "inactive_file 1\ntotal_inactive_file 600\n");
  EXPECT_EQ(memory_limit(groups.path().string() + "/")->used, 300);
}

TEST(Machine, TheAddressSpacesLimitCounts) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "AddressSanitizer needs an address space of terabytes";
#endif
  rlimit before{};
  getrlimit(RLIMIT_AS, &before);
  const auto used = [] { return address_space_limit()->used; };
  rlimit limit = before;
  limit.rlim_cur = std::uint64_t{1} << 40;
  ASSERT_EQ(setrlimit(RLIMIT_AS, &limit), 0);
  EXPECT_EQ(address_space_limit()->limit, static_cast<double>(limit.rlim_cur));
  limit.rlim_cur = static_cast<std::uint64_t>(used()) + 100'000'000;
  ASSERT_EQ(setrlimit(RLIMIT_AS, &limit), 0);
  EXPECT_LE(available_memory(), 100'000'000U);
  setrlimit(RLIMIT_AS, &before);
}

TEST(Machine, AvailableMemoryIsBelowTheTotal) {
  EXPECT_GT(total_memory(), 0U);
  EXPECT_LE(available_memory(), total_memory());
}

}  // namespace
}  // namespace atelier
