#pragma once
#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>

namespace atelier {

/// The pixels of a picture in blocks of fixed size, so that sums over them do not depend on the number of threads.
struct PixelBlocks {
  static constexpr std::int64_t kBlock = 512;  ///< pixels: what a core's second-level cache holds of them
  std::int64_t pixels;

  std::int64_t count() const { return (pixels + kBlock - 1) / kBlock; }
  std::int64_t size(std::int64_t block) const { return std::min(kBlock, pixels - block * kBlock); }

  /// Calls work(picture, block) on all threads.
  template <typename Work>
  void each(std::int64_t pictures, const Work& work) const {
    at::parallel_for(0, pictures * count(), 8, [&](std::int64_t begin, std::int64_t end) {
      for (auto i = begin; i < end; ++i) work(i / count(), i % count());
    });
  }
};

}  // namespace atelier
