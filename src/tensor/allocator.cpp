#include "tensor/allocator.h"

#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace atelier {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kHugePage = std::size_t{1} << 21;

/// Rounds up so that nearly equal requests share blocks; wastes at most an eighth.
std::size_t rounded(std::size_t bytes) {
  const std::size_t unit = std::max<std::size_t>(std::bit_floor(bytes) / 8, 4 * kPage);
  return (bytes + unit - 1) / unit * unit;
}

/// Fresh zero pages, on a huge-page boundary where the block is large enough; nullptr when there are none.
void* map_pages(std::size_t size) {
  const std::size_t slack = size >= 2 * kHugePage ? kHugePage : 0;
  void* mapped = mmap(nullptr, size + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  if (slack == 0) return mapped;
  const auto start = reinterpret_cast<std::uintptr_t>(mapped);
  const auto aligned = (start + kHugePage - 1) / kHugePage * kHugePage;
  const std::size_t before = aligned - start;
  if (before > 0) munmap(mapped, before);
  if (slack > before) munmap(reinterpret_cast<void*>(aligned + size), slack - before);
  auto* block = reinterpret_cast<void*>(aligned);
  madvise(block, size, MADV_HUGEPAGE);  // only a hint: refused where the kernel has no huge pages
  return block;
}

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
  const std::size_t size = rounded(bytes);
  const std::lock_guard lock(mutex_);
  const auto found = cache_.lower_bound(size);
  const bool fits = found != cache_.end() && found->first <= size + size / 2;
  const std::size_t got = fits ? found->first : size;
  usage_.live += got;
  usage_.peak = std::max(usage_.peak, usage_.live);
  void* block = nullptr;
  if (fits) {
    block = found->second;
    usage_.cached -= got;
    cache_.erase(found);
  } else {
    block = map_within(size, usage_.peak + usage_.peak / 4 - usage_.live);
    if (block == nullptr) {
      shrink_cache(0);
      block = map_pages(size);
    }
  }
  if (block == nullptr)
    usage_.live -= got;
  else
    sizes_.emplace(block, got);
  return block;
}

void* TensorAllocator::map_within(std::size_t size, std::size_t most_cached) {
  void* block = usage_.cached > most_cached ? gathered(size) : map_pages(size);
  shrink_cache(most_cached);
  return block;
}

void* TensorAllocator::gathered(std::size_t size) {
  auto* const block = static_cast<std::byte*>(map_pages(size));
  std::vector<std::size_t> parts;
  for (std::size_t filled = 0; block != nullptr && filled < size;) {
    if (cache_.empty()) {
      parts.push_back(size - filled);
      break;
    }
    const auto [have, pages] = largest_mapping();
    const auto taken = std::min(have, size - filled), left = have - taken;
    if (mremap(pages, taken, taken, MREMAP_MAYMOVE | MREMAP_FIXED, block + filled) == MAP_FAILED) {
      munmap(block, filled);  // what should have been replaced may be anyone's by now
      munmap(block + filled + taken, size - filled - taken);
      return nullptr;
    }
    cache_.erase(std::prev(cache_.end()));
    if (left > 0) cache_.emplace(left, pages + taken);
    usage_.cached -= taken;
    parts.push_back(taken);
    filled += taken;
  }
  if (parts.size() > 1) parts_[block] = std::move(parts);
  return block;
}

std::pair<std::size_t, std::byte*> TensorAllocator::largest_mapping() {
  while (true) {
    const auto largest = std::prev(cache_.end());
    auto* const pages = static_cast<std::byte*>(largest->second);
    const auto gathered = parts_.find(pages);
    if (gathered == parts_.end()) return {largest->first, pages};
    cache_.erase(largest);
    std::size_t at = 0;
    for (const auto part : gathered->second) {
      cache_.emplace(part, pages + at);
      at += part;
    }
    parts_.erase(gathered);
  }
}

void TensorAllocator::give(void* block) {
  if (reinterpret_cast<std::uintptr_t>(block) % kPage == 0) {  // spares small blocks the lock
    const std::lock_guard lock(mutex_);
    const auto found = sizes_.find(block);
    if (found != sizes_.end()) {
      usage_.live -= found->second;
      usage_.cached += found->second;
      cache_.emplace(found->second, block);
      sizes_.erase(found);
      return;
    }
  }
  c10::GetDefaultCPUAllocator()->raw_deallocate(block);
}

void TensorAllocator::shrink_cache(std::size_t most) {
  while (usage_.cached > most) {
    const auto largest = std::prev(cache_.end());
    munmap(largest->second, largest->first);
    parts_.erase(largest->second);
    usage_.cached -= largest->first;
    cache_.erase(largest);
  }
}

TensorAllocator::Usage TensorAllocator::usage() const {
  const std::lock_guard lock(mutex_);
  return usage_;
}

void TensorAllocator::release_cached() {
  const std::lock_guard lock(mutex_);
  shrink_cache(0);
  usage_.peak = usage_.live;
}

}  // namespace atelier
