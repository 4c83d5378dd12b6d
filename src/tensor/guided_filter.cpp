#include "tensor/guided_filter.h"

#include <torch/torch.h>

#include "atelier/error.h"

namespace atelier {
namespace {

constexpr const char* kWindow = "guided_filter: the radius must be at least 1 and epsilon above 0";

/// Sums over windows of 2r + 1 along one dimension, cut at the ends.
Tensor window_sums(const Tensor& planes, std::int64_t dimension, std::int64_t radius) {
  const auto size = planes.size(dimension);
  const auto sums =
      torch::cat({torch::zeros_like(planes.narrow(dimension, 0, 1)), planes.cumsum(dimension)}, dimension);
  const auto at = torch::arange(size, planes.options().dtype(torch::kLong));
  return sums.index_select(dimension, (at + radius + 1).clamp_max(size)) -
         sums.index_select(dimension, (at - radius).clamp_min(0));
}

/// The six different entries of symmetric 3 × 3 matrices, one per pixel.
struct Symmetric {
  Tensor xx, xy, xz, yy, yz, zz;
};

Symmetric guide_covariance(const Tensor& guide, const Tensor& mean, std::int64_t radius, double epsilon) {
  const auto entry = [&](std::int64_t a, std::int64_t b) {
    const auto product = box_mean(guide.narrow(1, a, 1) * guide.narrow(1, b, 1), radius);
    return product - mean.narrow(1, a, 1) * mean.narrow(1, b, 1) + (a == b ? epsilon : 0.0);
  };
  return {entry(0, 0), entry(0, 1), entry(0, 2), entry(1, 1), entry(1, 2), entry(2, 2)};
}

/// By Cramer's rule; epsilon on the diagonal keeps the determinant above 0.
Symmetric inverse(const Symmetric& m) {
  const Symmetric cofactors{m.yy * m.zz - m.yz * m.yz, m.xz * m.yz - m.xy * m.zz, m.xy * m.yz - m.xz * m.yy,
                            m.xx * m.zz - m.xz * m.xz, m.xy * m.xz - m.xx * m.yz, m.xx * m.yy - m.xy * m.xy};
  const auto determinant = m.xx * cofactors.xx + m.xy * cofactors.xy + m.xz * cofactors.xz;
  return {cofactors.xx / determinant, cofactors.xy / determinant, cofactors.xz / determinant,
          cofactors.yy / determinant, cofactors.yz / determinant, cofactors.zz / determinant};
}

Tensor product(const Symmetric& m, const Tensor& v) {
  const auto x = v.narrow(1, 0, 1), y = v.narrow(1, 1, 1), z = v.narrow(1, 2, 1);
  return torch::cat({m.xx * x + m.xy * y + m.xz * z, m.xy * x + m.yy * y + m.yz * z, m.xz * x + m.yz * y + m.zz * z},
                    1);
}

}  // namespace

Tensor box_mean(const Tensor& planes, std::int64_t radius) {
  require(planes.dim() == 4 && planes.numel() > 0 && radius >= 0,
          "box_mean: planes must be [N, C, H, W] and the radius at least 0");
  const auto sums = [&](const Tensor& x) { return window_sums(window_sums(x, 2, radius), 3, radius); };
  const auto counts = sums(torch::ones({1, 1, planes.size(2), planes.size(3)}, planes.options().dtype(torch::kDouble)));
  return (sums(planes.to(torch::kDouble)) / counts).to(planes.scalar_type());
}

Tensor guided_filter(const Tensor& picture, const Tensor& guide, std::int64_t radius, double epsilon) {
  require(picture.dim() == 4 && guide.dim() == 4 && guide.size(1) == 3 && picture.size(2) == guide.size(2) &&
              picture.size(3) == guide.size(3),
          "guided_filter: the picture must be of the guide's size, and the guide of three channels");
  require(radius >= 1 && epsilon > 0, kWindow);
  const auto p = picture.to(torch::kDouble), colours = guide.to(torch::kDouble);
  const auto mean = box_mean(colours, radius);
  const auto inverted = inverse(guide_covariance(colours, mean, radius, epsilon));
  std::vector<Tensor> channels;
  for (std::int64_t c = 0; c < p.size(1); ++c) {
    const auto channel = p.narrow(1, c, 1), own_mean = box_mean(channel, radius);
    const auto slope = product(inverted, box_mean(colours * channel, radius) - mean * own_mean);
    const auto offset = own_mean - (slope * mean).sum(1, true);
    channels.push_back((box_mean(slope, radius) * colours).sum(1, true) + box_mean(offset, radius));
  }
  return torch::cat(channels, 1).to(picture.scalar_type());
}

Tensor guided_filter_by_channel(const Tensor& picture, const Tensor& guide, std::int64_t radius, double epsilon) {
  require(picture.dim() == 4 && picture.sizes() == guide.sizes(),
          "guided_filter: the picture and its guide must be of one shape to be filtered by channel");
  require(radius >= 1 && epsilon > 0, kWindow);
  const auto p = picture.to(torch::kDouble), g = guide.to(torch::kDouble);
  const auto mean = box_mean(p, radius), guide_mean = box_mean(g, radius);
  const auto variance = box_mean(g * g, radius) - guide_mean * guide_mean;
  const auto slope = (box_mean(g * p, radius) - guide_mean * mean) / (variance + epsilon);
  const auto offset = mean - slope * guide_mean;
  return (box_mean(slope, radius) * g + box_mean(offset, radius)).to(picture.scalar_type());
}

}  // namespace atelier
