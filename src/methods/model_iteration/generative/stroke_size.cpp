#include "methods/model_iteration/generative/stroke_size.h"

#include <algorithm>
#include <cmath>

#include "tensor/resize.h"

namespace atelier::methods {
namespace {

constexpr double kMostEnlarged = 2;  ///< in one step: more would leave blur that a network paints as it is
constexpr std::int64_t kLeastSide = 32;
constexpr double kLearntSide = 512, kGrownFrom = 768;

constexpr const char* kName = "strokes";

}  // namespace

Option strokes_option() {
  return Option::number(kName, "size of the strokes, in those that the network learnt", 1, 1, 16);
}

double strokes_of(const Values& values) { return values.number(kName); }

Option growing_strokes_option() {
  return Option::number(
      kName, "size of the strokes, in those that the network learnt; 0: by the picture's, up to 2 above 768 pixels", 0,
      0, 16);
}

double growing_strokes(const Tensor& picture, double asked) {
  if (asked > 0) return asked;
  const auto longer = static_cast<double>(std::max(picture.size(2), picture.size(3)));
  return longer > kGrownFrom ? std::min(longer / kLearntSide, kMostEnlarged) : 1;
}

Tensor paint_with_strokes(const Tensor& picture, double times, const Stylise& stylise) {
  const double smaller = std::min(times, kMostEnlarged);
  const auto side = [&](int dimension) {
    return static_cast<std::int64_t>(std::llround(static_cast<double>(picture.size(dimension)) / smaller));
  };
  if (times <= 1 || std::min(side(2), side(3)) < kLeastSide) return stylise(picture);
  const auto coarse = paint_with_strokes(resize_picture(picture, side(2), side(3)), times / smaller, stylise);
  return stylise(resize_picture(coarse.clamp(0, 1), picture.size(2), picture.size(3)));
}

}  // namespace atelier::methods
