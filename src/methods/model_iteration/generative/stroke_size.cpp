#include "methods/model_iteration/generative/stroke_size.h"

#include <algorithm>
#include <cmath>

#include "tensor/resize.h"

namespace atelier::methods {
namespace {

constexpr double kMostEnlarged = 2;  ///< in one step: more would leave blur that a network paints as it is
constexpr std::int64_t kLeastSide = 32;

}  // namespace

Option strokes_option() {
  return Option::number("strokes", "size of the strokes, in those that the network learnt", 1, 1, 16);
}

double strokes_of(const Values& values) { return values.number("strokes"); }

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
