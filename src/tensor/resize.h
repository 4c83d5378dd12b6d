#pragma once
#include <cstdint>
#include <utility>

#include "tensor/tensor.h"

namespace atelier {

/// How resize() weighs the source pixels. All but kNearest widen with the factor when shrinking
/// (antialiased), as Pillow's filters do.
enum class Filter {
  kBicubic,   ///< sharp, may overshoot the input's range by some percent (Keys 1981, a = -0.5)
  kBilinear,  ///< never leaves the input's range: for masks and for squared quantities
  kNearest,   ///< copies values: for label maps
};

/// Resamples every plane of a batch, pixel centres at half integers (align_corners = false).
/// Constants stay constant up to rounding (1e-6 in float). Differentiable. Values are weighed as
/// they are stored, which for pictures means sRGB-encoded.
///
/// @param planes  [N, C, H, W], floating point, any range.
/// @return        [N, C, height, width]; `planes` itself, not a copy, when the size is already right.
/// @throws Error  if `planes` is not a non-empty 4-D tensor or a wanted side is below 1.
Tensor resize(const Tensor& planes, std::int64_t height, std::int64_t width, Filter filter = Filter::kBicubic);

/// resize() with kBicubic, then clamped to [0, 1].
Tensor resize_picture(const Tensor& picture, std::int64_t height, std::int64_t width);

/// Height and width, at least 1 each, of a picture scaled so that its longer side is `longer_side`.
std::pair<std::int64_t, std::int64_t> fitted_size(std::int64_t height, std::int64_t width, std::int64_t longer_side);

/// resize_picture() to fitted_size(): the longer side becomes `longer_side` pixels, larger or smaller.
/// @throws Error  if `longer_side` is below 1.
Tensor fit_longer_side(const Tensor& picture, std::int64_t longer_side);

}  // namespace atelier
