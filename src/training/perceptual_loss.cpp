#include "training/perceptual_loss.h"

#include <torch/torch.h>

#include <algorithm>
#include <functional>

#include "atelier/error.h"
#include "losses/edge_aware_smoothness.h"
#include "losses/flatness.h"
#include "losses/gram.h"
#include "losses/tv.h"
#include "losses/upsampling_grid.h"

namespace atelier {
namespace {

Tensor by_picture(const Tensor& values) { return values.view({-1, 1, 1}); }

std::vector<double> to_doubles(const Tensor& values) {
  const auto plain = values.to(torch::kCPU, torch::kDouble).contiguous();
  return {plain.data_ptr<double>(), plain.data_ptr<double>() + plain.numel()};
}

}  // namespace

PerceptualLoss::PerceptualLoss(std::shared_ptr<const Encoder> encoder, Settings settings)
    : encoder_(std::move(encoder)), settings_(std::move(settings)), taps_(settings_.style_taps) {
  require(!taps_.empty(), "the perceptual loss needs a style layer; name one at least");
  taps_.push_back(settings_.content_tap);
  for (const auto& tap : taps_) readouts_.push_back(encoder_->readout(tap));
}

std::vector<Tensor> PerceptualLoss::grams(const std::vector<Tensor>& features) const {
  std::vector<Tensor> all;
  for (std::size_t t = 0; t + 1 < taps_.size(); ++t)
    all.push_back(losses::read_gram(losses::gram(features[t]), readouts_[t]));
  return all;
}

Tensor PerceptualLoss::compared(const Tensor& grams) const {
  return settings_.pooled_grams ? grams.mean(0, true).expand_as(grams) : grams;
}

std::vector<Tensor> PerceptualLoss::encode(const Tensor& pictures) const {
  const torch::NoGradGuard no_grad;
  return encoder_->raw_features(pictures, taps_);
}

StyleTargets PerceptualLoss::targets(const Tensor& picture, const Tensor& photos) const {
  return targets_of(encode(picture), photos.defined() ? encode(photos) : std::vector<Tensor>()).front();
}

std::vector<StyleTargets> PerceptualLoss::targets_of(const std::vector<Tensor>& paintings,
                                                     const std::vector<Tensor>& photos) const {
  const torch::NoGradGuard no_grad;
  const auto wanted = grams(paintings), of_photos = photos.empty() ? std::vector<Tensor>() : grams(photos);
  std::vector<StyleTargets> styles(static_cast<std::size_t>(wanted.at(0).size(0)));
  for (std::size_t i = 0; i < styles.size(); ++i)
    for (std::size_t t = 0; t < wanted.size(); ++t) {
      const auto target = wanted[t].narrow(0, static_cast<std::int64_t>(i), 1);
      const auto unit = photos.empty() ? target.square().sum() : (of_photos[t] - target).square().sum({1, 2}).mean();
      styles[i].grams.push_back(target);
      styles[i].units.push_back(std::max(unit.item<double>(), 1e-30));
    }
  return styles;
}

double PerceptualLoss::style_distance(const Tensor& pictures, const StyleTargets& style) const {
  const torch::NoGradGuard no_grad;
  const auto found = grams(encoder_->raw_features(pictures, taps_));
  double sum = 0;
  for (std::size_t t = 0; t < found.size(); ++t)
    sum += ((found[t] - style.grams[t]).square().sum({1, 2}).sqrt().mean() / style.grams[t].norm()).item<double>();
  return sum / static_cast<double>(found.size());
}

/// Everything that evaluate() sums up, per picture [N].
struct PerceptualLoss::Sums {
  Tensor loss, style, photo_style, content;
  std::vector<Tensor> gradients;  ///< per tap, by its raw features

  explicit Sums(const Tensor& pictures)
      : loss(torch::zeros({pictures.size(0)}, pictures.options())), style(loss.clone()), photo_style(loss.clone()) {}
};

void PerceptualLoss::add_style(std::size_t t, const Tensor& features, const Tensor& photo_gram, const Wanted& wanted,
                               Sums& sums) const {
  const double share = 1.0 / static_cast<double>(settings_.style_taps.size());
  std::vector<Tensor> rows;
  std::vector<double> units;
  for (const auto* style : wanted.styles) {
    rows.push_back(style->grams.at(t));
    units.push_back(style->units.at(t));
  }
  const auto target = torch::cat(rows),
             unit = torch::tensor(units, torch::kDouble).to(features.device(), features.scalar_type());
  const auto norm = target.square().sum({1, 2}).clamp_min(1e-30);
  const auto difference = compared(losses::read_gram(losses::gram(features), readouts_[t])) - target;
  const auto squares = difference.square().sum({1, 2});
  sums.loss += squares * (share / unit);
  sums.style += (squares / norm).sqrt();
  sums.photo_style += ((compared(photo_gram) - target).square().sum({1, 2}) / norm).sqrt();
  auto slope = difference * by_picture(2 * share / (unit * static_cast<double>(features.size(0))));
  if (readouts_[t].defined()) {
    const auto map = readouts_[t].to(slope.scalar_type());
    slope = map.t().matmul(slope).matmul(map);
  }
  const auto flat = features.flatten(2);
  sums.gradients.push_back((slope.matmul(flat) * (2.0 / static_cast<double>(flat.size(2)))).view(features.sizes()));
}

void PerceptualLoss::add_content(const Tensor& features, const Tensor& photo_features, const Wanted& wanted,
                                 Sums& sums) const {
  const auto map = readouts_.back().defined() ? readouts_.back().to(features.scalar_type()) : Tensor();
  const auto read = [&](const Tensor& raw) { return map.defined() ? map.matmul(raw.flatten(2)) : raw.flatten(2); };
  const auto kept = read(photo_features);
  const auto difference = read(features) - kept;
  const auto norm = kept.square().sum({1, 2}).clamp_min(1e-30);
  const auto relative = difference.square().sum({1, 2}) / norm;
  const auto weights =
      torch::tensor(wanted.content_weights, torch::kDouble).to(features.device(), features.scalar_type());
  sums.loss += relative * weights;
  sums.content = relative.sqrt();
  auto slope = difference * by_picture(2 * weights / (norm * static_cast<double>(features.size(0))));
  if (map.defined()) slope = map.t().matmul(slope);
  sums.gradients.push_back(slope.view(features.sizes()));
}

PerceptualLoss::Result PerceptualLoss::evaluate(const Tensor& pictures, const Wanted& wanted) const {
  const auto count = static_cast<std::size_t>(pictures.size(0));
  const bool needs_photos =
      wanted.photo_features.empty() || settings_.smoothness_weight > 0 || settings_.flat_tv_weight > 0;
  require((!needs_photos || (wanted.photos.defined() && wanted.photos.sizes() == pictures.sizes())) &&
              wanted.styles.size() == count && wanted.content_weights.size() == count,
          "the perceptual loss needs a photo, a style and a content weight for every picture");
  require(!settings_.pooled_grams || std::count(wanted.styles.begin(), wanted.styles.end(), wanted.styles.front()) ==
                                         std::ssize(wanted.styles),
          "pooled Gram matrices are of one style; give all pictures of a batch the same");
  const auto x = pictures.detach().requires_grad_(true);
  const auto features = encoder_->raw_features(x, taps_);
  Sums sums(pictures);
  {
    const torch::NoGradGuard no_grad;
    const auto photo_features = wanted.photo_features.empty() ? encode(wanted.photos) : wanted.photo_features;
    const auto photo_grams = grams(photo_features);
    for (std::size_t t = 0; t + 1 < taps_.size(); ++t) add_style(t, features[t], photo_grams[t], wanted, sums);
    add_content(features.back(), photo_features.back(), wanted, sums);
  }
  Result result{sums.loss.mean().item<double>(), torch::autograd::grad(features, {x}, sums.gradients)[0],
                to_doubles(sums.content), to_doubles(sums.style / sums.photo_style.clamp_min(1e-12))};
  const auto add = [&](double weight, const std::function<Tensor(const Tensor&)>& term) {
    if (weight <= 0) return;
    const auto value = term(x) * weight;
    result.gradient = result.gradient + torch::autograd::grad({value}, {x})[0];
    result.loss += value.item<double>();
  };
  add(settings_.tv_weight, losses::tv_squared);
  add(settings_.grid_weight, losses::upsampling_grid);
  add(settings_.smoothness_weight, [&](const Tensor& of) { return losses::edge_aware_smoothness(of, wanted.photos); });
  add(settings_.flat_tv_weight,
      [&](const Tensor& of) { return losses::weighted_tv_squared(of, losses::flatness(wanted.photos).square()); });
  return result;
}

}  // namespace atelier
