#include "losses/moments.h"

#include "atelier/error.h"

namespace atelier::losses {
namespace {

constexpr double kVarianceFloor = 1e-10;

bool fits(const Tensor& target, const Tensor& own) {
  return target.dim() == 2 && target.size(1) == own.size(1) && (target.size(0) == 1 || target.size(0) == own.size(0));
}

}  // namespace

Moments moments(const Tensor& features) {
  require(features.dim() == 4 && features.numel() > 0,
          "moments: the features must be [N, C, H, W] with at least one pixel; check what is passed");
  const auto [variance, mean] = torch::var_mean(features, at::IntArrayRef{2, 3}, /*unbiased=*/false);
  return {mean, (variance + kVarianceFloor).sqrt()};
}

Tensor moments_loss(const Tensor& features, const Moments& target) {
  const auto own = moments(features);
  require(fits(target.mean, own.mean) && fits(target.deviation, own.mean),
          "moments_loss: the statistics differ in channels or batch; take the target from the same layer");
  return ((own.mean - target.mean).square() + (own.deviation - target.deviation).square()).mean();
}

}  // namespace atelier::losses
