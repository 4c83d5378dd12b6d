#include "tensor/resize.h"

#include <algorithm>
#include <cmath>

#include "atelier/error.h"

namespace atelier {

Tensor resize(const Tensor& planes, std::int64_t height, std::int64_t width, Filter filter) {
  require(planes.dim() == 4 && planes.numel() > 0,
          "resize: the tensor must be [N, C, H, W] with at least one pixel; check what is passed");
  require(height > 0 && width > 0, "resize: the wanted size has no pixels; ask for at least 1 x 1");
  if (planes.size(2) == height && planes.size(3) == width) return planes;
  const std::vector<std::int64_t> size{height, width};
  switch (filter) {
    case Filter::kNearest: return at::_upsample_nearest_exact2d(planes, size);
    case Filter::kBilinear: return at::_upsample_bilinear2d_aa(planes, size, false);
    default: return at::_upsample_bicubic2d_aa(planes, size, false);
  }
}

Tensor resize_picture(const Tensor& picture, std::int64_t height, std::int64_t width) {
  return resize(picture, height, width).clamp(0, 1);
}

std::pair<std::int64_t, std::int64_t> fitted_size(std::int64_t height, std::int64_t width, std::int64_t longer_side) {
  require(height > 0 && width > 0, "fitted_size: the picture has no pixels; check what is passed");
  require(longer_side > 0, "the size must be at least 1 pixel; give a larger one");
  const double factor = static_cast<double>(longer_side) / static_cast<double>(std::max(height, width));
  const auto scaled = [&](std::int64_t side) { return std::max<std::int64_t>(1, std::llround(factor * side)); };
  return {scaled(height), scaled(width)};
}

Tensor fit_longer_side(const Tensor& picture, std::int64_t longer_side) {
  require(picture.dim() == 4, "fit_longer_side: the picture must be [N, C, H, W]; check what is passed");
  const auto [height, width] = fitted_size(picture.size(2), picture.size(3), longer_side);
  return resize_picture(picture, height, width);
}

}  // namespace atelier
