#pragma once
#include <array>
#include <cstdint>

#include "tensor/tensor.h"
#include "tensor/winograd_transforms.h"

namespace atelier {

/// ⌈value / unit⌉
inline std::int64_t divided_up(std::int64_t value, std::int64_t unit) { return (value + unit - 1) / unit; }

/// Where the tiles of a batch of results [N, C, h, w] lie, row by row, picture by picture.
class WinogradTiles {
 public:
  explicit WinogradTiles(const Tensor& results)
      : columns_(divided_up(results.size(3), WinogradTransforms::kTile)),
        in_picture_(columns_ * divided_up(results.size(2), WinogradTransforms::kTile)) {}

  std::int64_t in_picture() const { return in_picture_; }
  std::int64_t top(std::int64_t tile) const { return tile % in_picture_ / columns_ * WinogradTransforms::kTile; }
  std::int64_t left(std::int64_t tile) const { return tile % columns_ * WinogradTransforms::kTile; }
  std::int64_t picture(std::int64_t tile) const { return tile / in_picture_; }

 private:
  std::int64_t columns_, in_picture_;
};

/// A square of pixels of picture `of` in `pictures` [N, C, h, w], channels last, row by row from (top, left) on;
/// `beyond` for those outside.
template <std::int64_t kSide, typename Value>
std::array<Value*, kSide * kSide> square_of(const Tensor& pictures, std::int64_t of, std::int64_t top,
                                            std::int64_t left, Value* beyond) {
  const auto channels = pictures.size(1), height = pictures.size(2), width = pictures.size(3);
  auto* const picture = pictures.data_ptr<float>() + of * channels * height * width;
  std::array<Value*, kSide * kSide> pixels;
  for (std::int64_t i = 0; i < kSide * kSide; ++i) {
    const auto row = top + i / kSide, column = left + i % kSide;
    const bool inside = row >= 0 && row < height && column >= 0 && column < width;
    pixels[i] = inside ? picture + (row * width + column) * channels : beyond;
  }
  return pixels;
}

}  // namespace atelier
