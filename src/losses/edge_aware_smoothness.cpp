#include "losses/edge_aware_smoothness.h"

#include "atelier/error.h"

namespace atelier::losses {
namespace {

constexpr std::int64_t kCell = 16;
constexpr double kFlat = 0.03;  // differences of a photo's cells up to which it counts as flat

}  // namespace

Tensor edge_aware_smoothness(const Tensor& picture, const Tensor& photo) {
  require(picture.dim() == 4 && picture.sizes() == photo.sizes() && picture.size(2) >= 2 * kCell &&
              picture.size(3) >= 2 * kCell,
          "edge-aware smoothness: picture and photo must be [N, C, H, W] of one shape and at least 32 x 32 pixels");
  const auto cells = torch::avg_pool2d(picture, kCell), flat = torch::avg_pool2d(photo.to(picture.dtype()), kCell);
  auto sum = torch::zeros({}, picture.options());
  std::int64_t pairs = 0;
  for (const std::int64_t dimension : {2, 3}) {
    const auto weight = flat.diff(1, dimension).square().mean(1).div(-kFlat * kFlat).exp();
    sum = sum + (weight * cells.diff(1, dimension).square().mean(1)).sum();
    pairs += weight.numel();
  }
  return sum / static_cast<double>(pairs);
}

}  // namespace atelier::losses
