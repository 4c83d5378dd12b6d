#include "losses/content.h"

#include "atelier/error.h"
#include "losses/feature_rows.h"
#include "tensor/vector_math.h"

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

}  // namespace

Tensor content_loss(const Tensor& features, const Tensor& target, ContentDistance distance) {
  check_shapes(features, target);
  return (features - target).square().sum() * factor(target, distance);
}

ContentTarget::ContentTarget(const Tensor& features, ContentDistance distance, const Tensor& readout) {
  require(features.numel() > 0, "content_loss: the content's features are empty; check what is passed");
  require(!readout.defined() || (features.dim() == 4 && readout.dim() == 2 && readout.size(0) == features.size(1) &&
                                 readout.size(1) == features.size(1)),
          "content_loss: the readout must be [C, C] for features [N, C, H, W]; take it from the same layer");
  const torch::NoGradGuard no_grad;
  features_ = features.detach();
  auto read = features_;
  if (readout.defined()) {
    const auto exact = readout.to(torch::kDouble);
    metric_ = exact.t().matmul(exact).to(features.scalar_type());
    read = readout.to(features.scalar_type()).matmul(rows_of(features_));
  }
  factor_ = factor(read, distance).item<double>();
}

LossGradient ContentTarget::loss_with_gradient(const Tensor& features) const {
  check_shapes(features, features_);
  const torch::NoGradGuard no_grad;
  // With D = F − P and a loss of f · ‖R D‖² the gradient is 2 f · RᵀR · D, and the loss half its product with D.
  const auto difference = features.detach() - features_;
  if (!metric_.defined()) {
    const auto gradient = difference * (2 * factor_);
    return {0.5 * scalar_product(gradient.flatten(), difference.flatten()), gradient};
  }
  const auto rows = rows_of(difference);
  const auto gradient = symmetric_product(metric_ * (2 * factor_), rows);
  return {0.5 * scalar_product(flat(gradient), flat(rows)), as_features(gradient, difference)};
}

}  // namespace atelier::losses
