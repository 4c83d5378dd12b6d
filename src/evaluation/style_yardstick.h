#pragma once
#include <string>
#include <vector>

#include "encoders/encoder.h"
#include "evaluation/yardstick_scores.h"

namespace atelier {

/// Taps of the yardstick: relu1_1 … relu5_1 for style, relu4_2 for content.
const std::vector<std::string>& yardstick_style_taps();

/// Measures at a longer side of `size` pixels (all three pictures are resized to it).
/// @param result, photo  [1, 3, H, W], the same size.
/// @param style          [1, 3, h, w]; undefined: only the content is measured, and the rest stays 0.
StyleYardstick measure_style(const Encoder& encoder, const Tensor& result, const Tensor& photo, const Tensor& style,
                             std::int64_t size = 512);

}  // namespace atelier
