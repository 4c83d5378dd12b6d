#pragma once
#include <c10/core/Allocator.h>

#include <cstddef>
#include <mutex>
#include <unordered_map>

#include "tensor/free_ranges.h"

namespace atelier {

/// LibTorch's CPU allocator for this program: keeps the pages of freed large tensors and hands them out again.
///
/// The C library returns every block above 32 MB to the system when it is freed, so each operation on large
/// pictures would page-fault its result in, one 4 KB page at a time: that halves the speed of bf16 networks.
/// (Telling glibc by mallopt() to keep them costs up to eight times the memory: LibTorch asks for aligned
/// blocks, and glibc then finds none of the freed ones large enough.) Large blocks are mapped with huge pages
/// where the kernel allows it.
///
/// A block is cut from the smallest free stretch of pages that holds it, and what is given back joins its free
/// neighbours, so that work which asks for the same again, step after step, finds the same pages, whatever the sizes.
/// What is kept never makes the process larger than its live tensors were at their peak, plus a quarter or 2 MB (a huge
/// page). Thread-safe.
class TensorAllocator : public c10::Allocator {
 public:
  /// Blocks of at least this many bytes are kept; smaller ones come from the C library.
  static constexpr std::size_t kLarge = std::size_t{1} << 17;

  struct Usage {
    std::size_t live = 0;    ///< bytes of large blocks in use
    std::size_t peak = 0;    ///< the most that `live` has been
    std::size_t cached = 0;  ///< bytes kept for later; not all need have been touched
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
  /// nullptr when memory has run out.
  void* take(std::size_t bytes);
  void give(void* block);
  /// `size` bytes with as few fresh pages as possible; nullptr when memory has run out.
  std::byte* grown(std::size_t size);
  /// Fresh pages next to the largest free stretch, so many that together they have `size` bytes; nothing where others
  /// are in the way, or where no stretch is worth it.
  AddressRange extension(std::size_t size) const;
  /// Adds to what is free; where there is no memory even for that, gives it back to the system and returns false.
  bool keep(const AddressRange& range);
  /// Gives pages back to the system until at most that many bytes are kept.
  void shrink_cache(std::size_t most);

  mutable std::mutex mutex_;
  std::unordered_map<void*, std::size_t> sizes_;  // of live large blocks
  FreeRanges free_;
  std::size_t live_ = 0, peak_ = 0;
};

}  // namespace atelier
