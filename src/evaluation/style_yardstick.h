#pragma once
#include <string>
#include <vector>

#include "encoders/encoder.h"

namespace atelier {

/// How near a result is to its style and to its photo, on features that were not optimised.
struct StyleYardstick {
  /// Mean over taps of ‖G(result) − G(style)‖ / ‖G(style)‖, divided by the same for the photo: 0 is
  /// the style's statistics, 1 no nearer to them than the photo was.
  double style_ratio = 0;
  /// ‖F(result) − F(photo)‖ / ‖F(photo)‖ at the content tap: 0 is the photo.
  double content = 0;
  std::vector<double> style_ratio_per_tap;
};

/// Taps of the yardstick: relu1_1 … relu5_1 for style, relu4_2 for content.
const std::vector<std::string>& yardstick_style_taps();

/// Measures at a longer side of `size` pixels (all three pictures are resized to it).
/// @param result, photo  [1, 3, H, W], the same size; @param style [1, 3, h, w].
StyleYardstick measure_style(const Encoder& encoder, const Tensor& result, const Tensor& photo, const Tensor& style,
                             std::int64_t size = 512);

}  // namespace atelier
