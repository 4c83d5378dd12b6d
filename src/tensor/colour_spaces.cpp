#include "tensor/colour_spaces.h"

#include "atelier/error.h"

namespace atelier::colour {
namespace {

Tensor matrix(std::initializer_list<double> rows) {
  return torch::tensor(at::ArrayRef<double>(rows), torch::kDouble).view({3, 3});
}

// FCC (1953), as in common use.
Tensor yiq_matrix() { return matrix({0.299, 0.587, 0.114, 0.5959, -0.2746, -0.3213, 0.2115, -0.5227, 0.3112}); }

// Linear sRGB to XYZ (IEC 61966-2-1) divided by the white point, so that white is (1, 1, 1).
Tensor xyz_matrix() {
  const auto xyz = matrix({0.4124, 0.3576, 0.1805, 0.2126, 0.7152, 0.0722, 0.0193, 0.1192, 0.9505});
  return xyz / xyz.sum(1, true);
}

// (L, a, b) from the three cube-root values, less the constant −16 of L.
Tensor lab_matrix() { return matrix({0, 116, 0, 500, -500, 0, 0, 200, -200}); }

void check(const Tensor& picture) {
  require(picture.dim() == 4 && picture.size(1) == 3,
          "colour: the picture must be [N, 3, H, W]; convert it to three channels");
}

Tensor apply(const Tensor& matrix, const Tensor& picture) {
  return matrix.to(picture.options()).matmul(picture.flatten(2)).view(picture.sizes());
}

constexpr double kLabKnee = 6.0 / 29;  // CIE 15:2004

}  // namespace

Tensor srgb_to_linear(const Tensor& picture) {
  check(picture);
  const auto curve = ((picture.clamp_min(0.04045) + 0.055) / 1.055).pow(2.4);
  return torch::where(picture <= 0.04045, picture / 12.92, curve);
}

Tensor linear_to_srgb(const Tensor& linear) {
  check(linear);
  const auto curve = 1.055 * linear.clamp_min(0.0031308).pow(1 / 2.4) - 0.055;
  return torch::where(linear <= 0.0031308, linear * 12.92, curve);
}

Tensor luma(const Tensor& picture) {
  check(picture);
  return picture.slice(1, 0, 1) * 0.299 + picture.slice(1, 1, 2) * 0.587 + picture.slice(1, 2, 3) * 0.114;
}

Tensor rgb_to_yiq(const Tensor& picture) {
  check(picture);
  return apply(yiq_matrix(), picture);
}

Tensor yiq_to_rgb(const Tensor& yiq) {
  check(yiq);
  return apply(yiq_matrix().inverse(), yiq);
}

Tensor rgb_to_lab(const Tensor& picture) {
  const auto xyz = apply(xyz_matrix(), srgb_to_linear(picture));
  const double knee = kLabKnee * kLabKnee * kLabKnee;
  const auto f = torch::where(xyz > knee, xyz.clamp_min(knee).pow(1.0 / 3), xyz / (3 * kLabKnee * kLabKnee) + 4.0 / 29);
  const auto lab = apply(lab_matrix(), f);
  return torch::cat({lab.slice(1, 0, 1) - 16, lab.slice(1, 1)}, 1);
}

Tensor lab_to_rgb(const Tensor& lab) {
  check(lab);
  const auto f = (lab.slice(1, 0, 1) + 16) / 116;
  const auto roots = torch::cat({f + lab.slice(1, 1, 2) / 500, f, f - lab.slice(1, 2, 3) / 200}, 1);
  const auto xyz = torch::where(roots > kLabKnee, roots.pow(3), (roots - 4.0 / 29) * (3 * kLabKnee * kLabKnee));
  return linear_to_srgb(apply(xyz_matrix().inverse(), xyz));
}

}  // namespace atelier::colour
