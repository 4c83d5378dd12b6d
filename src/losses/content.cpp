#include "losses/content.h"

#include "atelier/error.h"

namespace atelier::losses {
namespace {

void check_shapes(const Tensor& features, const Tensor& target) {
  require(features.numel() > 0 && features.sizes() == target.sizes(),
          "content_loss: the features differ in shape from the content's; take both from one layer and size");
}

// What Σ (F − P)² is multiplied by, a scalar tensor.
Tensor factor(const Tensor& target, ContentDistance distance) {
  switch (distance) {
    case ContentDistance::kPaper: return torch::full({}, 0.5, target.options());
    case ContentDistance::kMeanSquared:
      return torch::full({}, 1.0 / static_cast<double>(target.numel()), target.options());
    default: break;
  }
  const auto norm = target.detach().square().sum();
  return torch::where(norm > 0, norm, torch::ones_like(norm)).reciprocal();
}

// map · F over the channels, [N, C, H, W].
Tensor map_channels(const Tensor& map, const Tensor& features) {
  return map.to(features.scalar_type()).matmul(features.flatten(2)).view(features.sizes());
}

}  // namespace

Tensor content_loss(const Tensor& features, const Tensor& target, ContentDistance distance) {
  check_shapes(features, target);
  return (features - target).square().sum() * factor(target, distance);
}

LossGradient content_loss_with_gradient(const Tensor& features, const Tensor& target, ContentDistance distance,
                                        const Tensor& readout) {
  check_shapes(features, target);
  require(!readout.defined() || (features.dim() == 4 && readout.dim() == 2 && readout.size(0) == features.size(1) &&
                                 readout.size(1) == features.size(1)),
          "content_loss: the readout must be [C, C] for features [N, C, H, W]; take it from the same layer");
  const torch::NoGradGuard no_grad;
  const auto raw = features.detach();
  const auto difference = (readout.defined() ? map_channels(readout, raw) : raw) - target;
  const auto scale = factor(target, distance);
  const double loss = (difference.square().sum() * scale).item<double>();
  const auto slope = difference * (2 * scale);
  return {loss, readout.defined() ? map_channels(readout.t(), slope) : slope};
}

}  // namespace atelier::losses
