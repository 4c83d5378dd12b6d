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

long page_faults() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

TEST_F(TensorAllocatorTest, HandsTheSameBlockOutAgain) {
  void* first = allocator.raw_allocate(40 * kMegabyte);
  allocator.raw_deallocate(first);
  EXPECT_EQ(allocator.usage().cached, 40 * kMegabyte);
  void* second = allocator.raw_allocate(39 * kMegabyte);
  EXPECT_EQ(second, first);
  EXPECT_EQ(allocator.usage().cached, 0U);
  allocator.raw_deallocate(second);
}

TEST_F(TensorAllocatorTest, SparesThePageFaults) {
  constexpr std::size_t kSize = 64 * kMegabyte;
  const auto touch = [&] {
    void* block = allocator.raw_allocate(kSize);
    for (std::size_t i = 0; i < kSize; i += 4096) static_cast<volatile char*>(block)[i] = 1;
    allocator.raw_deallocate(block);
  };
  touch();
  const long before = page_faults();
  for (int i = 0; i < 10; ++i) touch();
  EXPECT_LT(page_faults() - before, 100);
}

TEST_F(TensorAllocatorTest, DoesNotServeSmallRequestsWithLargeBlocks) {
  allocator.raw_deallocate(allocator.raw_allocate(64 * kMegabyte));
  void* small = allocator.raw_allocate(8 * kMegabyte);
  EXPECT_EQ(allocator.usage().live, 8 * kMegabyte);
  allocator.raw_deallocate(small);
}

TEST_F(TensorAllocatorTest, MakesAGrowingBlockOfTheLastOnesPages) {
  const auto touch = [&](std::size_t size) {
    void* block = allocator.raw_allocate(size);
    for (std::size_t i = 0; i < size; i += 4096) static_cast<volatile char*>(block)[i] = 1;
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
  const auto fill = [](void* block, std::size_t size) {
    for (std::size_t i = 0; i < size; i += 4096) static_cast<volatile char*>(block)[i] = 7;
  };
  std::vector<void*> parts;
  for (int i = 0; i < 4; ++i) fill(parts.emplace_back(allocator.raw_allocate(kPart)), kPart);
  for (void* part : parts) allocator.raw_deallocate(part);
  void* whole = allocator.raw_allocate(28 * kMegabyte);  // more than the cache may keep beside it
  const auto usage = allocator.usage();
  EXPECT_EQ(usage.live + usage.cached, 4 * kPart);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < 28 * kMegabyte; i += 4096) kept += static_cast<volatile char*>(whole)[i] == 7 ? 1 : 0;
  EXPECT_EQ(kept, 28 * kMegabyte / 4096) << "no page is fresh";
  void* rest = allocator.raw_allocate(kPart);
  EXPECT_EQ(allocator.usage().live, 38 * kMegabyte);
  allocator.raw_deallocate(rest);
  allocator.raw_deallocate(whole);
}

TEST_F(TensorAllocatorTest, TakesApartWhatItMadeOfSeveral) {
  constexpr std::size_t kPart = 10 * kMegabyte, kPage = 4096;
  const auto each_page = [](void* block, std::size_t size, const auto& visit) {
    for (std::size_t i = 0; i < size; i += kPage) visit(static_cast<volatile char*>(block)[i]);
  };
  std::vector<void*> parts;
  for (int i = 0; i < 4; ++i)
    each_page(parts.emplace_back(allocator.raw_allocate(kPart)), kPart, [](volatile char& page) { page = 7; });
  for (void* part : parts) allocator.raw_deallocate(part);
  allocator.raw_deallocate(allocator.raw_allocate(28 * kMegabyte));  // of three parts
  void* whole = allocator.raw_allocate(36 * kMegabyte);              // of those and the fourth
  std::size_t kept = 0;
  each_page(whole, 36 * kMegabyte, [&](const volatile char& page) { kept += page == 7 ? 1 : 0; });
  EXPECT_EQ(kept, 36 * kMegabyte / kPage) << "no page is fresh";
  allocator.raw_deallocate(whole);
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
