#include "tensor/allocator.h"

#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>

namespace atelier {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kUnit = 4 * kPage;  ///< blocks are multiples of it, so that free stretches are not scraps
constexpr std::size_t kHugePage = std::size_t{1} << 21;
constexpr std::size_t kLeastShare = 4;  ///< free stretches of less than such a part of what is wanted save too little

std::size_t to_multiple(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }

/// Fresh zero pages of the system there, or wherever it likes; nullptr when there are none.
std::byte* map_pages(void* where, std::size_t size) {
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS;
  void* mapped = mmap(where, size, PROT_READ | PROT_WRITE, where ? kFlags | MAP_FIXED_NOREPLACE : kFlags, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  if (where && mapped != where) {  // kernels before 4.17 take the address for a hint
    munmap(mapped, size);
    return nullptr;
  }
  return static_cast<std::byte*>(mapped);
}

/// `size` bytes, whole huge pages, on a huge-page boundary; nullptr when there are none. At the end of what was mapped
/// for them, for Linux fills the address space from its end, so that later ones touch them.
std::byte* map_aligned(std::size_t size) {
  auto* const mapped = map_pages(nullptr, size + kHugePage);
  if (mapped == nullptr) return nullptr;
  const std::size_t before = kHugePage - reinterpret_cast<std::uintptr_t>(mapped) % kHugePage;
  munmap(mapped, before);
  if (before < kHugePage) munmap(mapped + before + size, kHugePage - before);
  return mapped + before;
}

void unmap(const AddressRange& range) {
  // Where a process has as many mappings as it may, none can be cut: then the pages go and their addresses stay.
  if (munmap(range.begin, range.size) != 0) madvise(range.begin, range.size, MADV_DONTNEED);
}

/// The largest multiple of a huge page that is not above the address.
std::byte* huge_page_at(std::byte* address) { return address - reinterpret_cast<std::uintptr_t>(address) % kHugePage; }

}  // namespace

TensorAllocator& TensorAllocator::instance() {
  static auto& allocator = *new TensorAllocator;  // never destroyed: static tensors are freed after main()
  return allocator;
}

void TensorAllocator::install() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return;  // the sanitizer watches only what its own allocator hands out
#else
  c10::SetAllocator(c10::DeviceType::CPU, &instance());
#endif
}

c10::DataPtr TensorAllocator::allocate(std::size_t bytes) const {
  void* block = bytes >= kLarge ? instance().take(bytes) : nullptr;
  if (block == nullptr) block = c10::GetDefaultCPUAllocator()->raw_allocate(bytes);
  return {block, block, raw_deleter(), c10::Device(c10::DeviceType::CPU)};
}

c10::DeleterFnPtr TensorAllocator::raw_deleter() const {
  return [](void* block) { instance().give(block); };
}

void* TensorAllocator::take(std::size_t bytes) {
  if (bytes > std::numeric_limits<std::size_t>::max() / 2) return nullptr;  // what follows rounds up
  const std::size_t size = to_multiple(bytes, kUnit);
  const std::lock_guard lock(mutex_);
  auto* block = free_.take(size);
  if (block == nullptr) block = grown(size);
  if (block == nullptr) {
    shrink_cache(0);
    block = grown(size);
  }
  if (block == nullptr) return nullptr;
  try {
    sizes_.emplace(block, size);
  } catch (const std::bad_alloc&) {
    unmap({block, size});
    return nullptr;
  }
  live_ += size;
  peak_ = std::max(peak_, live_);
  shrink_cache(peak_ + std::max(peak_ / 4, kHugePage) - live_);
  return block;
}

bool TensorAllocator::keep(const AddressRange& range) {
  try {
    free_.add(range);
  } catch (const std::bad_alloc&) {
    unmap(range);
    return false;
  }
  return true;
}

std::byte* TensorAllocator::grown(std::size_t size) {
  auto fresh = extension(size);
  if (fresh.begin == nullptr) {
    fresh.size = to_multiple(size, kHugePage);
    fresh.begin = map_aligned(fresh.size);
  }
  if (fresh.begin == nullptr) return nullptr;
  madvise(fresh.begin, fresh.size, MADV_HUGEPAGE);  // only a hint: refused where the kernel has no huge pages
  return keep(fresh) ? free_.take(size) : nullptr;
}

AddressRange TensorAllocator::extension(std::size_t size) const {
  const auto largest = free_.largest();
  if (largest.size == 0 || largest.size < size / kLeastShare) return {};
  const std::size_t missing = to_multiple(size - largest.size, kHugePage);
  for (auto* const where : {largest.end(), largest.begin - missing})
    if (auto* const fresh = map_pages(where, missing)) return {fresh, missing};
  return {};
}

void TensorAllocator::give(void* block) {
  if (reinterpret_cast<std::uintptr_t>(block) % kUnit == 0) {  // spares small blocks the lock
    const std::lock_guard lock(mutex_);
    const auto found = sizes_.find(block);
    if (found != sizes_.end()) {
      live_ -= found->second;
      keep({static_cast<std::byte*>(block), found->second});
      sizes_.erase(found);
      return;
    }
  }
  c10::GetDefaultCPUAllocator()->raw_deallocate(block);
}

void TensorAllocator::shrink_cache(std::size_t most) {
  while (free_.bytes() > most) {
    const auto largest = free_.largest();
    const std::size_t wanted = std::min(largest.size, free_.bytes() - most);
    auto given = free_.take_from(std::max(largest.begin, huge_page_at(largest.end() - wanted)));
    // The end of a huge page that another block begins in stays, for cutting one makes small pages of it.
    auto* const end = huge_page_at(given.end());
    if (end > given.begin && end < given.end()) {
      keep({end, static_cast<std::size_t>(given.end() - end)});
      given.size = static_cast<std::size_t>(end - given.begin);
    }
    unmap(given);
  }
}

TensorAllocator::Usage TensorAllocator::usage() const {
  const std::lock_guard lock(mutex_);
  return {live_, peak_, free_.bytes()};
}

void TensorAllocator::release_cached() {
  const std::lock_guard lock(mutex_);
  shrink_cache(0);
  peak_ = live_;
}

}  // namespace atelier
