#pragma once
#include <cstdint>
#include <vector>

#include "metrics/plane.h"

namespace atelier {

/// The edges that Canny (1986) finds in a grey picture: 1 on an edge, 0 elsewhere, row by row.
///
/// Sobel gradients, |gx| + |gy| thinned to its ridges in four directions, ridges above `high` followed down to `low`.
/// No blur goes before, as in OpenCV's Canny, whose customary thresholds these are.
/// @param grey  0 … 255.
std::vector<std::uint8_t> canny_edges(const Plane& grey, double low = 100, double high = 200);

/// `mask` with every 1 spread over a square of `side` pixels (odd) around it.
std::vector<std::uint8_t> dilated(const std::vector<std::uint8_t>& mask, int width, int height, int side);

}  // namespace atelier
