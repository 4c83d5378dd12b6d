#pragma once
#include <cstdint>

#include "tensor/tensor.h"

namespace atelier {

/// Mean over the square of `radius` pixels around each pixel, cut at the picture's edge.
///
/// @param planes  [N, C, H, W], floating point; summed in double.
/// @throws Error  if `planes` is not 4-D or the radius is below 0.
Tensor box_mean(const Tensor& planes, std::int64_t radius);

/// Edge-preserving smoothing: in each window the result is an affine function of the guide's colours, so that edges
/// stand where the guide has them.
///
/// Paper: He, Sun, Tang, "Guided Image Filtering", PAMI 2013, eq. 11 to 16 (colour guide).
///
/// @param picture  [1, C, H, W].
/// @param guide    [1, 3, H, W].
/// @param radius   of the windows, in pixels.
/// @param epsilon  units of colour²: contrasts below its root are smoothed.
/// @return         the shape and type of `picture`, not clamped.
/// @throws Error   if the sizes differ, the radius is below 1 or epsilon is not above 0.
Tensor guided_filter(const Tensor& picture, const Tensor& guide, std::int64_t radius, double epsilon);

/// The same with each channel of the guide for the channel of the picture alone (eq. 5 to 8): a = cov(guide, picture) /
/// (var(guide) + epsilon), b = mean(picture) − a · mean(guide), result = mean(a) · guide + mean(b). Differentiable in
/// both.
///
/// @param picture, guide  [N, C, H, W], of one shape.
/// @throws Error          as guided_filter().
Tensor guided_filter_by_channel(const Tensor& picture, const Tensor& guide, std::int64_t radius, double epsilon);

}  // namespace atelier
