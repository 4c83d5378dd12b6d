#include "losses/cartoon.h"

#include <torch/torch.h>

#include "atelier/error.h"
#include "losses/gram.h"
#include "tensor/colour_spaces.h"

namespace atelier::losses {
namespace {

/// U = 0.492 (B − Y), V = 0.877 (R − Y), [N, 2, H, W].
Tensor chroma(const Tensor& picture, const Tensor& luma) {
  return torch::cat({(picture.slice(1, 2, 3) - luma) * 0.492, (picture.slice(1, 0, 1) - luma) * 0.877}, 1);
}

Tensor relative_to(const Tensor& difference, const Tensor& target) {
  const auto size = target.detach().abs().mean();
  return difference.abs().mean() / torch::where(size > 0, size, torch::ones_like(size));
}

}  // namespace

Tensor to_grey(const Tensor& picture) { return colour::luma(picture).expand_as(picture); }

Tensor relative_l1(const Tensor& features, const Tensor& target) {
  require(features.numel() > 0 && features.sizes() == target.sizes(),
          "relative_l1: the features differ in shape from the target's; take both from one layer and size");
  return relative_to(features - target, target);
}

Tensor grey_style_loss(const Tensor& features, const Tensor& grey_gram) {
  const auto found = gram(features);
  require(grey_gram.dim() == 3 && grey_gram.size(1) == found.size(1) && grey_gram.size(2) == found.size(2) &&
              (grey_gram.size(0) == 1 || grey_gram.size(0) == found.size(0)),
          "grey_style_loss: the Gram matrix does not fit the features; take both from one layer");
  return relative_to(found - grey_gram, grey_gram.expand_as(found));
}

Tensor colour_reconstruction_loss(const Tensor& made, const Tensor& photo) {
  require(made.sizes() == photo.sizes(),
          "colour_reconstruction_loss: the pictures differ in shape; compare a result with its own photo");
  const auto luma = colour::luma(made), wanted = colour::luma(photo);
  // The mean over both channels times two is the sum of their means.
  return (luma - wanted).abs().mean() + 2 * torch::huber_loss(chroma(made, luma), chroma(photo, wanted));
}

}  // namespace atelier::losses
