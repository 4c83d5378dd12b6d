#include "losses/content.h"

#include "atelier/error.h"

namespace atelier::losses {

Tensor content_loss(const Tensor& features, const Tensor& target, ContentDistance distance) {
  require(features.numel() > 0 && features.sizes() == target.sizes(),
          "content_loss: the features differ in shape from the content's; take both from one layer and size");
  const auto squares = (features - target).square().sum();
  switch (distance) {
    case ContentDistance::kPaper: return squares / 2;
    case ContentDistance::kMeanSquared: return squares / features.numel();
    default: break;
  }
  const auto norm = target.detach().square().sum();
  return squares / torch::where(norm > 0, norm, torch::ones_like(norm));
}

}  // namespace atelier::losses
