#include "training/perceptual_loss.h"

#include <torch/torch.h>

#include "atelier/error.h"
#include "losses/gram.h"
#include "losses/tv.h"

namespace atelier {
namespace {

/// Gram matrices [N, C, C] as the readout shows them: R G Rᵀ.
Tensor read_gram(const Tensor& features, const Tensor& readout) {
  const auto gram = losses::gram(features);
  return readout.defined() ? readout.matmul(gram).matmul(readout.t()) : gram;
}

Tensor by_picture(const Tensor& values) { return values.view({-1, 1, 1}); }

std::vector<double> to_doubles(const Tensor& values) {
  const auto plain = values.to(torch::kDouble).contiguous();
  return {plain.data_ptr<double>(), plain.data_ptr<double>() + plain.numel()};
}

}  // namespace

PerceptualLoss::PerceptualLoss(std::shared_ptr<const Encoder> encoder, Settings settings)
    : encoder_(std::move(encoder)), settings_(std::move(settings)), taps_(settings_.style_taps) {
  require(!taps_.empty(), "the perceptual loss needs a style layer; name one at least");
  taps_.push_back(settings_.content_tap);
  for (const auto& tap : taps_) {
    const auto found = encoder_->chain().readouts.find(tap);
    readouts_.push_back(found == encoder_->chain().readouts.end() ? Tensor() : found->second.flatten(1));
  }
}

std::vector<Tensor> PerceptualLoss::grams(const std::vector<Tensor>& features) const {
  std::vector<Tensor> all;
  for (std::size_t t = 0; t + 1 < taps_.size(); ++t) all.push_back(read_gram(features[t], readouts_[t]));
  return all;
}

StyleTargets PerceptualLoss::targets(const Tensor& picture) const {
  const torch::NoGradGuard no_grad;
  return grams(encoder_->raw_features(picture, taps_));
}

PerceptualLoss::Result PerceptualLoss::evaluate(const Tensor& pictures, const Wanted& wanted) const {
  const auto count = pictures.size(0);
  require(wanted.photos.sizes() == pictures.sizes() && wanted.styles.size() == static_cast<std::size_t>(count) &&
              wanted.content_weights.size() == wanted.styles.size(),
          "the perceptual loss needs a photo, a style and a content weight for every picture");
  std::vector<Tensor> photo_features, photo_grams;
  {
    const torch::NoGradGuard no_grad;
    photo_features = encoder_->raw_features(wanted.photos, taps_);
    photo_grams = grams(photo_features);
  }
  const auto x = pictures.detach().requires_grad_(true);
  const auto features = encoder_->raw_features(x, taps_);

  Result result;
  std::vector<Tensor> gradients;
  auto loss = torch::zeros({count}), style = torch::zeros({count}), photo_style = torch::zeros({count});
  const double share = 1.0 / static_cast<double>(settings_.style_taps.size());
  {
    const torch::NoGradGuard no_grad;
    for (std::size_t t = 0; t + 1 < taps_.size(); ++t) {
      std::vector<Tensor> rows;
      for (const auto* targets : wanted.styles) rows.push_back(targets->at(t));
      const auto target = torch::cat(rows);
      const auto norm = target.square().sum({1, 2}).clamp_min(1e-30);
      const auto difference = read_gram(features[t], readouts_[t]) - target;
      const auto relative = difference.square().sum({1, 2}) / norm;
      loss += relative * share;
      style += relative.sqrt();
      photo_style += ((photo_grams[t] - target).square().sum({1, 2}) / norm).sqrt();
      auto slope = difference * by_picture(2 * share / (norm * static_cast<double>(count)));
      if (readouts_[t].defined()) slope = readouts_[t].t().matmul(slope).matmul(readouts_[t]);
      const auto flat = features[t].flatten(2);
      gradients.push_back((slope.matmul(flat) * (2.0 / static_cast<double>(flat.size(2)))).view(features[t].sizes()));
    }
    const auto& readout = readouts_.back();
    const auto read = [&](const Tensor& rows) { return readout.defined() ? readout.matmul(rows) : rows; };
    const auto kept = read(photo_features.back().flatten(2));
    const auto difference = read(features.back().detach().flatten(2)) - kept;
    const auto norm = kept.square().sum({1, 2}).clamp_min(1e-30);
    const auto relative = difference.square().sum({1, 2}) / norm;
    const auto weights = torch::tensor(wanted.content_weights).to(torch::kFloat);
    loss += relative * weights;
    auto slope = difference * by_picture(2 * weights / (norm * static_cast<double>(count)));
    if (readout.defined()) slope = readout.t().matmul(slope);
    gradients.push_back(slope.view(features.back().sizes()));
    result.content = to_doubles(relative.sqrt());
    result.style = to_doubles(style / photo_style.clamp_min(1e-12));
    result.loss = loss.mean().item<double>();
  }
  result.gradient = torch::autograd::grad(features, {x}, gradients)[0];
  if (settings_.tv_weight > 0) {
    const auto smoothness = losses::tv_squared(x) * settings_.tv_weight;
    result.gradient = result.gradient + torch::autograd::grad({smoothness}, {x})[0];
    result.loss += smoothness.item<double>();
  }
  return result;
}

}  // namespace atelier
