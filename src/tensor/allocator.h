#pragma once
#include <c10/core/Allocator.h>

#include <cstddef>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace atelier {

/// LibTorch's CPU allocator for this program: keeps the pages of freed large tensors and hands them out again.
///
/// The C library returns every block above 32 MB to the system when it is freed, so each operation on large
/// pictures would page-fault its result in, one 4 KB page at a time: that halves the speed of bf16 networks.
/// (Telling glibc by mallopt() to keep them costs up to eight times the memory: LibTorch asks for aligned
/// blocks, and glibc then finds none of the freed ones large enough.) Large blocks are mapped with huge pages
/// where the kernel allows it.
///
/// The cache never makes the process larger than its live tensors were at their peak, plus a quarter. Blocks that it
/// must give up for another become that one, page by page: the system takes longer to clear a fresh page than a
/// convolution to fill it. Thread-safe.
class TensorAllocator : public c10::Allocator {
 public:
  /// Blocks of at least this many bytes are kept; smaller ones come from the C library.
  static constexpr std::size_t kLarge = std::size_t{1} << 17;

  struct Usage {
    std::size_t live = 0;    ///< bytes of large blocks in use
    std::size_t peak = 0;    ///< the most that `live` has been
    std::size_t cached = 0;  ///< bytes kept for later
  };

  /// The one instance, which outlives every tensor.
  static TensorAllocator& instance();
  /// Makes LibTorch use it for CPU tensors from now on. Not while other threads make tensors.
  static void install();

  /// @throws c10::Error (as LibTorch's own allocator does) when memory has run out.
  c10::DataPtr allocate(std::size_t bytes) const override;
  c10::DeleterFnPtr raw_deleter() const override;

  Usage usage() const;
  /// Gives the cached pages back to the system and forgets the peak.
  void release_cached();

 private:
  TensorAllocator() = default;
  void* take(std::size_t bytes);
  void give(void* block);
  /// A new block; the cache holds `most_cached` bytes at most afterwards. nullptr when memory has run out.
  void* map_within(std::size_t size, std::size_t most_cached);
  /// A new block of the pages of cached ones, the largest first, and fresh ones where those are too few. nullptr when
  /// memory or the system's mappings have run out.
  void* gathered(std::size_t size);
  /// The largest cached block that is one mapping of the system: what was gathered falls into its parts again, for
  /// before Linux 6.17 pages of several mappings cannot be moved at once.
  std::pair<std::size_t, std::byte*> largest_mapping();
  void shrink_cache(std::size_t most);

  mutable std::mutex mutex_;
  std::unordered_map<void*, std::size_t> sizes_;  // of live large blocks
  std::multimap<std::size_t, void*> cache_;
  std::unordered_map<void*, std::vector<std::size_t>> parts_;  // of gathered blocks, in order
  Usage usage_;
};

}  // namespace atelier
