#include "losses/gram.h"

#include "atelier/error.h"
#include "losses/feature_rows.h"

namespace atelier::losses {
namespace {

// The guidance channel T_r of a mask, [1 or N, 1, H·W], Σ T_r² = 1.
Tensor guidance_of(const Tensor& mask, const Tensor& features) {
  require(mask.dim() == 4 && mask.size(1) == 1 && (mask.size(0) == 1 || mask.size(0) == features.size(0)) &&
              mask.size(2) == features.size(2) && mask.size(3) == features.size(3),
          "guided_gram: the mask must be [1 or N, 1, H, W] at the features' size; resize it");
  const auto flat = mask.to(features.scalar_type()).flatten(2);
  const auto norm = flat.square().sum(2, true).sqrt();
  return flat / torch::where(norm > 0, norm, torch::ones_like(norm));
}

// The gradient by a Gram matrix G of one by R G Rᵀ.
Tensor read_back(const Tensor& slope, const Tensor& readout) {
  return readout.defined() ? read_gram(slope, readout.t()) : slope;
}

void check_target(const Tensor& gram, const Tensor& target) {
  require(gram.dim() == 3 && gram.size(1) == gram.size(2) && target.dim() == 3 &&
              target.sizes().slice(1) == gram.sizes().slice(1) &&
              (target.size(0) == 1 || target.size(0) == gram.size(0)),
          "gram_loss: the Gram matrices differ in channels or batch; take the target from the same layer");
}

// ‖A‖² of each sample, [1 or N]; 1 where it is zero.
Tensor squared_norm(const Tensor& target) {
  const auto norm = target.detach().square().sum({1, 2});
  return torch::where(norm > 0, norm, torch::ones_like(norm));
}

// What Σ (G − A)² of each sample is multiplied by, [1 or N]; kRelativeRoot: before its root.
Tensor factor(const Tensor& target, GramDistance distance) {
  const double entries = static_cast<double>(target.size(1) * target.size(2));
  switch (distance) {
    case GramDistance::kMeanSquared: return torch::full({1}, 1 / entries, target.options());
    case GramDistance::kPaper: return torch::full({1}, 0.25 / entries, target.options());
    default: return squared_norm(target).reciprocal();
  }
}

// Value and gradient of gram_distance() by the Gram matrix, in closed form.
std::pair<double, Tensor> distance_with_gradient(const Tensor& gram, const Tensor& target, GramDistance distance) {
  check_target(gram, target);
  const auto difference = gram - target;
  const auto scale = factor(target, distance);
  const auto values = difference.square().sum({1, 2}) * scale;
  if (distance != GramDistance::kRelativeRoot)
    return {values.mean().item<double>(), difference * (2 * scale / gram.size(0)).view({-1, 1, 1})};
  const auto roots = values.sqrt();
  const auto slope = torch::where(roots > 0, scale / (roots * gram.size(0)), torch::zeros_like(roots));
  return {roots.mean().item<double>(), difference * slope.view({-1, 1, 1})};
}

}  // namespace

Tensor gram(const Tensor& features) {
  const auto rows = rows_of(features);
  return product_with_itself(rows) / rows.size(2);
}

Tensor guided_gram(const Tensor& features, const Tensor& mask) {
  return product_with_itself(rows_of(features) * guidance_of(mask, features));
}

Tensor read_gram(const Tensor& gram, const Tensor& readout) {
  if (!readout.defined()) return gram;
  require(gram.dim() == 3 && readout.dim() == 2 && readout.size(0) == readout.size(1) &&
              readout.size(0) == gram.size(1) && readout.size(1) == gram.size(2),
          "gram_loss: the readout must be [C, C] for features of C channels; take it from the same layer");
  const auto map = readout.to(gram.scalar_type());
  return map.matmul(gram).matmul(map.t());
}

Tensor gram_distance(const Tensor& gram, const Tensor& target, GramDistance distance) {
  check_target(gram, target);
  const auto difference = gram - target;
  if (distance == GramDistance::kRelativeRoot)  // this norm has gradient zero at zero, a root has none
    return (torch::linalg_vector_norm(difference, 2, at::IntArrayRef{1, 2}) * factor(target, distance).sqrt()).mean();
  return (difference.square().sum({1, 2}) * factor(target, distance)).mean();
}

Tensor gram_loss(const Tensor& features, const Tensor& target, GramDistance distance) {
  return gram_distance(gram(features), target, distance);
}

Tensor gram_loss(const Tensor& features, const std::vector<GramTarget>& targets, GramDistance distance) {
  require(!targets.empty(), "gram_loss: there is no target; give at least one style");
  Tensor everywhere, sum;
  for (const auto& target : targets) {
    if (!target.mask.defined() && !everywhere.defined()) everywhere = gram(features);
    const auto own = target.mask.defined() ? guided_gram(features, target.mask) : everywhere;
    const auto term = gram_distance(own, target.gram, distance) * target.weight;
    sum = sum.defined() ? sum + term : term;
  }
  return sum;
}

LossGradient gram_loss_with_gradient(const Tensor& features, const std::vector<GramTarget>& targets,
                                     GramDistance distance, const Tensor& readout) {
  require(!targets.empty(), "gram_loss: there is no target; give at least one style");
  torch::NoGradGuard no_grad;
  const auto rows = rows_of(features.detach());
  LossGradient result;
  Tensor everywhere, by_gram, by_rows;
  for (const auto& target : targets) {
    if (!target.mask.defined()) {  // one Gram matrix, one product for all of these
      if (!everywhere.defined()) everywhere = read_gram(product_with_itself(rows) / rows.size(2), readout);
      const auto [loss, slope] = distance_with_gradient(everywhere, target.gram, distance);
      result.loss += target.weight * loss;
      by_gram = by_gram.defined() ? by_gram.add_(slope, target.weight) : slope * target.weight;
      continue;
    }
    const auto guidance = guidance_of(target.mask, features);
    const auto guided = rows * guidance;
    const auto read = read_gram(product_with_itself(guided), readout);
    const auto [loss, slope] = distance_with_gradient(read, target.gram, distance);
    result.loss += target.weight * loss;
    const auto share = symmetric_product(read_back(slope, readout) * (2 * target.weight), guided).mul_(guidance);
    by_rows = by_rows.defined() ? by_rows.add_(share) : share;
  }
  if (by_gram.defined()) {
    const auto share = symmetric_product(read_back(by_gram, readout).mul(2.0 / rows.size(2)), rows);
    by_rows = by_rows.defined() ? by_rows.add_(share) : share;
  }
  result.gradient = as_features(by_rows, features);
  return result;
}

}  // namespace atelier::losses
