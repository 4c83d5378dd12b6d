#pragma once
#include <vector>

namespace atelier {

/// How near a result is to its style and to its photo, on features that were not optimised.
struct StyleYardstick {
  /// Mean over taps of ‖G(result) − G(style)‖ / ‖G(style)‖, divided by the same for the photo: 0 is
  /// the style's statistics, 1 no nearer to them than the photo was.
  double style_ratio = 0;
  /// ‖F(result) − F(photo)‖ / ‖F(photo)‖ at the content tap: 0 is the photo.
  double content = 0;
  /// Mean over taps of ‖G(result) − G(style)‖ / ‖G(style)‖ itself.
  double gram = 0;
  std::vector<double> style_ratio_per_tap;
};

}  // namespace atelier
