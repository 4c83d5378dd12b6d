#include "tensor/allocator.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdint>
#include <thread>
#include <vector>

#include "tensor/tensor.h"

namespace atelier {
namespace {

constexpr std::size_t kMegabyte = std::size_t{1} << 20;

/// Each test starts with nothing cached; tensors made by others may be live.
struct TensorAllocatorTest : testing::Test {
  TensorAllocatorTest() { allocator.release_cached(); }
  TensorAllocator& allocator = TensorAllocator::instance();
};

Tensor make(std::size_t bytes) { return at::zeros({static_cast<std::int64_t>(bytes)}, at::kByte); }

/// Writes `value` into every page.
void fill(void* block, std::size_t size, char value) {
  for (std::size_t i = 0; i < size; i += 4096) static_cast<volatile char*>(block)[i] = value;
}

bool holds(const void* block, std::size_t size, char value) {
  for (std::size_t i = 0; i < size; i += 4096)
    if (static_cast<const volatile char*>(block)[i] != value) return false;
  return true;
}

long page_faults() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

TEST_F(TensorAllocatorTest, HandsTheSamePagesOutAgain) {
  void* first = allocator.raw_allocate(40 * kMegabyte);
  allocator.raw_deallocate(first);
  EXPECT_EQ(allocator.usage().cached, 40 * kMegabyte);
  void* second = allocator.raw_allocate(39 * kMegabyte);
  EXPECT_EQ(second, first);
  EXPECT_EQ(allocator.usage().cached, kMegabyte);
  allocator.raw_deallocate(second);
}

TEST_F(TensorAllocatorTest, SparesThePageFaults) {
  constexpr std::size_t kSize = 64 * kMegabyte;
  const auto touch = [&] {
    void* block = allocator.raw_allocate(kSize);
    fill(block, kSize, 1);
    allocator.raw_deallocate(block);
  };
  touch();
  const long before = page_faults();
  for (int i = 0; i < 10; ++i) touch();
  EXPECT_LT(page_faults() - before, 100);
}

TEST_F(TensorAllocatorTest, LeavesTheRestOfALargeBlockToOthers) {
  allocator.raw_deallocate(allocator.raw_allocate(64 * kMegabyte));
  void* small = allocator.raw_allocate(8 * kMegabyte);
  EXPECT_EQ(allocator.usage().live, 8 * kMegabyte);
  EXPECT_EQ(allocator.usage().cached, 56 * kMegabyte);
  allocator.raw_deallocate(small);
}

TEST_F(TensorAllocatorTest, MakesAGrowingBlockOfTheLastOnesPages) {
  const auto touch = [&](std::size_t size) {
    void* block = allocator.raw_allocate(size);
    fill(block, size, 1);
    allocator.raw_deallocate(block);
  };
  touch(64 * kMegabyte);
  const long before = page_faults();
  touch(128 * kMegabyte);  // the first block is half of it
  const long grown = page_faults() - before;
  allocator.release_cached();
  const long fresh = page_faults();
  touch(128 * kMegabyte);
  EXPECT_LT(grown, 0.6 * static_cast<double>(page_faults() - fresh));
}

TEST_F(TensorAllocatorTest, MakesABlockOfThePagesOfSeveral) {
  constexpr std::size_t kPart = 10 * kMegabyte;
  allocator.raw_deallocate(allocator.raw_allocate(4 * kPart));
  std::vector<void*> parts;
  for (int i = 0; i < 4; ++i) fill(parts.emplace_back(allocator.raw_allocate(kPart)), kPart, 7);
  for (void* part : parts) allocator.raw_deallocate(part);
  void* whole = allocator.raw_allocate(28 * kMegabyte);
  EXPECT_TRUE(holds(whole, 28 * kMegabyte, 7)) << "a page is fresh";
  void* rest = allocator.raw_allocate(kPart);
  EXPECT_EQ(allocator.usage().live, 38 * kMegabyte);
  EXPECT_EQ(allocator.usage().cached, 2 * kMegabyte);
  allocator.raw_deallocate(rest);
  allocator.raw_deallocate(whole);
}

TEST_F(TensorAllocatorTest, GivesPagesUpBetweenLiveBlocks) {
  constexpr std::size_t kPart = 10 * kMegabyte, kLargeBlock = 40 * kMegabyte;
  std::vector<void*> parts;
  for (char i = 0; i < 10; ++i) fill(parts.emplace_back(allocator.raw_allocate(kPart)), kPart, i);
  for (std::size_t i = 0; i < 10; i += 2) allocator.raw_deallocate(parts[i]);
  void* large = allocator.raw_allocate(kLargeBlock);  // fits into none of the holes
  const auto usage = allocator.usage();
  EXPECT_EQ(usage.live, 90 * kMegabyte);
  EXPECT_LE(usage.live + usage.cached, usage.peak + usage.peak / 4);
  EXPECT_LT(usage.cached, 5 * kPart) << "some of the holes went";
  fill(large, kLargeBlock, 11);
  for (char i = 1; i < 10; i += 2) EXPECT_TRUE(holds(parts[static_cast<std::size_t>(i)], kPart, i)) << int{i};
  for (std::size_t i = 1; i < 10; i += 2) allocator.raw_deallocate(parts[i]);
  EXPECT_TRUE(holds(large, kLargeBlock, 11));
  allocator.raw_deallocate(large);
}

TEST_F(TensorAllocatorTest, StepsOfManySizesFindTheirPagesAgain) {
  const auto step = [&] {
    std::vector<void*> blocks;
    for (const std::size_t megabytes : {24, 12, 6, 33, 3, 17}) {
      const std::size_t size = megabytes * kMegabyte + 50'000;
      blocks.push_back(allocator.raw_allocate(size));
      fill(blocks.back(), size, 1);
      if (blocks.size() % 2 == 0) {  // out of turn, as a chain's gradients free what its way forward made
        allocator.raw_deallocate(blocks.front());
        blocks.erase(blocks.begin());
      }
    }
    for (void* block : blocks) allocator.raw_deallocate(block);
  };
  for (int i = 0; i < 3; ++i) step();
  const long before = page_faults();
  for (int i = 0; i < 20; ++i) step();
  EXPECT_LT(page_faults() - before, 100);
}

TEST_F(TensorAllocatorTest, NeverHoldsMuchMoreThanThePeak) {
  for (std::size_t size = 10; size <= 100; size += 10)
    allocator.raw_deallocate(allocator.raw_allocate(size * kMegabyte));
  const auto usage = allocator.usage();
  EXPECT_LE(usage.live + usage.cached, usage.peak + usage.peak / 4);
}

TEST_F(TensorAllocatorTest, LeavesSmallBlocksToTheCLibrary) {
  void* block = allocator.raw_allocate(TensorAllocator::kLarge - 1);
  EXPECT_EQ(allocator.usage().live, 0U);
  allocator.raw_deallocate(block);
  EXPECT_EQ(allocator.usage().cached, 0U);
}

TEST_F(TensorAllocatorTest, GivesEverythingBackOnRequest) {
  allocator.raw_deallocate(allocator.raw_allocate(16 * kMegabyte));
  allocator.release_cached();
  EXPECT_EQ(allocator.usage().cached, 0U);
}

TEST_F(TensorAllocatorTest, RefusesWhatNoMachineHas) {
  allocator.raw_deallocate(allocator.raw_allocate(16 * kMegabyte));
  EXPECT_ANY_THROW(allocator.raw_allocate(std::size_t{1} << 60));
  EXPECT_EQ(allocator.usage().live, 0U);
}

TEST_F(TensorAllocatorTest, BlocksOfManyThreadsDoNotOverlap) {
  std::vector<std::thread> threads;
  std::vector<int> sound(4, 0);
  for (std::uint8_t id = 0; id < 4; ++id)
    threads.emplace_back([id, &sound] {
      bool all = true;
      for (int i = 0; i < 14; ++i) {
        const auto tensor = make(2 * kMegabyte + 100'000 * static_cast<std::size_t>(i % 7)).fill_(id);
        all = all && tensor.eq(id).all().item<bool>();
      }
      sound[id] = all ? 1 : 0;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(sound, std::vector<int>({1, 1, 1, 1}));
}

}  // namespace
}  // namespace atelier
