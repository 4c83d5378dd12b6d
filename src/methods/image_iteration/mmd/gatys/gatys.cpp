#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "atelier/error.h"
#include "core/sha256.h"
#include "methods/method.h"
#include "methods/picture_objective.h"
#include "optimise/picture_loop.h"
#include "tensor/resize.h"

namespace atelier::methods::gatys {
namespace {

/// The balance that a strength stands for: 50 is the middle of what published pictures show (measured with the
/// compact encoder), and every 25 points change the ratio of content lost to style distance left by kBalanceStep.
constexpr double kMiddleBalance = 5, kBalanceStep = 1.8;

/// A whole step by the time of the objective alone: the optimiser's own work and its second evaluations.
constexpr double kStepByObjective = 1.25;
constexpr double kLongestTrialSide = 256;  // pixels

double wanted_balance(double strength) { return kMiddleBalance * std::pow(kBalanceStep, (strength - 50) / 25); }

/// Carries the content weight from scale to scale so that the picture's balance approaches the wanted one: the
/// same strength then looks alike for every pair of pictures and every size. The numbers live in the loop's memory
/// so that a continued run takes the same course.
class BalanceKeeper {
 public:
  BalanceKeeper(double first_weight, double wanted) : wanted_(wanted) { *memory_ = {first_weight, 0, -1}; }

  std::shared_ptr<std::vector<double>> memory() const { return memory_; }

  /// The content weight for the scale of that index.
  double weight_at(std::size_t index) {
    auto &weight = memory_->at(0), &set_for = memory_->at(2);
    const double ratio = memory_->at(1);
    if (set_for == static_cast<double>(index)) return weight;
    // The ratio goes about with the cube root of the inverse weight; one step must not overshoot by more than tenfold.
    if (index > 0 && ratio > 0) weight *= std::clamp(std::pow(ratio / wanted_, 3.0), 0.1, 10.0);
    set_for = static_cast<double>(index);
    return weight;
  }

  void note(double ratio) { memory_->at(1) = ratio; }

 private:
  double wanted_;
  std::shared_ptr<std::vector<double>> memory_ = std::make_shared<std::vector<double>>();
};

/// The first scale in three parts of one size, between which the weight can be corrected.
std::vector<Scale> with_probes(std::vector<Scale> scales) {
  const auto first = scales.front();
  if (first.steps < 12) return scales;
  scales.front().steps = first.steps - 2 * (first.steps / 4);
  scales.insert(scales.begin(), 2, {first.height, first.width, first.steps / 4});
  return scales;
}

/// White noise with the mean and covariance of the style's colours.
Tensor style_coloured_noise(const Tensor& style, at::IntArrayRef sizes, const torch::Generator& random) {
  const auto pixels = style.flatten(2).squeeze(0).to(torch::kDouble);
  const auto mean = pixels.mean(1, true);
  const auto centred = pixels - mean;
  const auto covariance =
      centred.matmul(centred.t()) / static_cast<double>(pixels.size(1)) + torch::eye(3, torch::kDouble) * 1e-6;
  const auto noise = torch::randn({3, sizes[2] * sizes[3]}, random, torch::kDouble);
  return (torch::linalg_cholesky(covariance).matmul(noise) + mean).clamp(0, 1).to(torch::kFloat).reshape(sizes);
}

Tensor initial_picture(const std::string& init, const Inputs& inputs) {
  if (init == "content") return inputs.content;
  const auto random = at::detail::createCPUGenerator(inputs.seed);
  if (init == "noise") return torch::rand(inputs.content.sizes(), random);
  return style_coloured_noise(inputs.styles.front().picture, inputs.content.sizes(), random);
}

/// The size of a short trial for runs that begin with `first`.
Scale trial_scale(const Scale& first) {
  const double longer = static_cast<double>(std::max(first.height, first.width));
  const double shrink = std::min(1.0, kLongestTrialSide / longer);
  const auto side = [&](std::int64_t pixels) {
    return std::max<std::int64_t>(32, std::llround(static_cast<double>(pixels) * shrink));
  };
  return {side(first.height), side(first.width), 1};
}

std::string fingerprint(const Tensor& tensor) {
  if (!tensor.defined()) return "none";
  const auto plain = tensor.contiguous();
  return sha256_hex({static_cast<const std::byte*>(plain.data_ptr()), plain.nbytes()});
}

class Gatys final : public Method {
 public:
  explicit Gatys(const Values& values) : values_(values) {
    settings_.content_layers = parse_layers(values.text("content-layers"));
    settings_.style_layers = parse_layers(values.text("style-layers"));
    settings_.paper = values.text("objective") == "paper";
    settings_.content_weight = settings_.paper ? values.number("alpha") : values.number("content-weight");
    settings_.style_weight = settings_.paper ? values.number("beta") : 1.0;
    settings_.tv_weight = values.number("tv-weight");
    settings_.style_scale = values.number("style-scale");
  }

  Tensor run(const Inputs& inputs, const OnProgress& on_progress) override {
    require(!inputs.styles.empty(), "gatys needs a style picture; add --style PAINTING");
    if (inputs.strength <= 0) return inputs.content.clamp(0, 1);
    const auto encoder = open(inputs);
    const auto start = initial_picture(values_.text("init"), inputs);
    auto options = loop_options(inputs);
    if (fixed_weight()) {
      auto settings = settings_;
      settings.content_weight = content_weight_at(inputs.strength, settings.content_weight);
      const auto objective = [&](const Scale& scale, std::size_t) {
        return make_objective(encoder, inputs, settings, scale);
      };
      return optimise_picture(start, objective, options, on_progress);
    }
    BalanceKeeper keeper(settings_.content_weight, wanted_balance(inputs.strength));
    options.memory = keeper.memory();
    const auto objective = [&](const Scale& scale, std::size_t index) -> PictureObjective {
      auto settings = settings_;
      settings.content_weight = keeper.weight_at(index);
      const auto balance = std::make_shared<Balance>();
      const auto loss = make_objective(encoder, inputs, settings, scale, balance);
      return [loss, balance, &keeper](const Tensor& picture) {
        auto result = loss(picture);
        keeper.note(balance->ratio());
        return result;
      };
    };
    return optimise_picture(start, objective, options, on_progress);
  }

  std::size_t memory_forecast(const Inputs& inputs) const override {
    return objective_memory(*open(inputs), inputs.content, values_.integer("history"));
  }

  double seconds_forecast(const Inputs& inputs) const override {
    if (inputs.styles.empty() || inputs.strength <= 0) return 0;
    const auto scales = loop_options(inputs).scales;
    const auto trial = trial_scale(scales.front());
    const auto objective = make_objective(open(inputs), inputs, settings_, trial);
    const auto picture = resize_picture(inputs.content, trial.height, trial.width);
    objective(picture);  // the first one also makes primitives and memory
    const auto start = std::chrono::steady_clock::now();
    objective(picture);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    double pixels = 0;
    for (const auto& scale : scales) pixels += static_cast<double>(scale.steps) * scale.height * scale.width;
    return kStepByObjective * seconds * pixels / static_cast<double>(trial.height * trial.width);
  }

 private:
  /// The weights as given, exactly: for the paper's losses, and when the caller set one.
  bool fixed_weight() const { return settings_.paper || values_.given("content-weight"); }

  /// Opened once for forecast and run.
  std::shared_ptr<const Encoder> open(const Inputs& inputs) const {
    const auto wanted = std::make_pair(inputs.encoder, inputs.precision);
    if (encoder_ && opened_ == wanted) return encoder_;
    EncoderOptions options;
    options.precision = parse_precision(inputs.precision);
    options.pooling = values_.text("pooling") == "average" ? Pooling::kAverage : Pooling::kMax;
    if (values_.given("padding"))
      options.padding = values_.text("padding") == "reflection" ? Padding::kReflection : Padding::kZero;
    encoder_ = open_encoder(inputs.encoder, options);
    opened_ = wanted;
    return encoder_;
  }

  PictureLoopOptions loop_options(const Inputs& inputs) const {
    PictureLoopOptions options;
    const auto height = inputs.content.size(2), width = inputs.content.size(3);
    const auto steps = static_cast<int>(values_.integer("steps"));
    const auto smallest = values_.flag("one-scale") ? std::max(height, width) : values_.integer("smallest-scale");
    options.scales =
        coarse_to_fine(height, width, smallest, values_.number("scale-factor"), steps, values_.number("fine-share"));
    if (!fixed_weight()) options.scales = with_probes(options.scales);
    options.adam = values_.text("optimiser") == "adam";
    options.history = static_cast<int>(values_.integer("history"));
    options.learning_rate = values_.number("learning-rate");
    options.average = values_.number("average");
    options.checkpoint = inputs.checkpoint;
    options.keep_best_on_stop = inputs.keep_best_on_stop;
    options.identity = identity(inputs);
    return options;
  }

  std::string identity(const Inputs& inputs) const {
    if (inputs.checkpoint.empty()) return {};
    std::string text = "gatys " + inputs.encoder + " " + inputs.precision + " " + std::to_string(inputs.strength) +
                       " " + std::to_string(inputs.seed) + " " + fingerprint(inputs.content);
    for (const auto& style : inputs.styles)
      text += " " + fingerprint(style.picture) + ":" + std::to_string(style.weight) + ":" + fingerprint(style.mask);
    for (const auto& [name, value] : values_.all()) text += " " + name + "=" + value;
    return sha256_hex(std::as_bytes(std::span(text)));
  }

  Values values_;
  ObjectiveSettings settings_;
  mutable std::shared_ptr<const Encoder> encoder_;
  mutable std::pair<std::string, std::string> opened_;  ///< name and precision
};

}  // namespace

MethodInfo describe() {
  MethodInfo info{
      "gatys",
      "image_iteration/mmd",
      "Gatys, Ecker, Bethge: Image Style Transfer Using Convolutional Neural Networks, CVPR 2016",
      "optimise the picture itself: highest quality, any style, seconds to minutes",
      {Option::integer("steps", "optimiser steps, over all scales", 250, 1, 100000),
       Option::text("content-layers", "layers that keep the content, as LAYER[:WEIGHT],...", "relu4_2"),
       Option::text("style-layers", "layers that carry the style, as LAYER[:WEIGHT],...", kStyleLayers),
       Option::choice("objective", "losses relative to their target's size, or sums exactly as in the paper",
                      "relative", {"relative", "paper"}),
       Option::number("content-weight",
                      "fixed weight of the content beside the style (objective relative); else found so that "
                      "--strength looks alike",
                      0.05, 0, 1e6),
       Option::number("alpha", "weight of the content loss (objective paper)", 1, 0, 1e12),
       Option::number("beta", "weight of the style loss (objective paper)", 1000, 0, 1e12),
       Option::number("tv-weight", "weight of the total variation, against noise", 0.02, 0, 1e6),
       Option::choice("pooling", "how the encoder pools", "max", {"max", "average"}),
       Option::choice("padding", "the encoder's padding", "zero", {"zero", "reflection"}),
       Option::choice("init", "first picture: the photo, white noise, or noise in the style's colours", "content",
                      {"content", "noise", "style"}),
       Option::choice("optimiser", "L-BFGS with strong Wolfe search, or Adam", "lbfgs", {"lbfgs", "adam"}),
       Option::integer("history", "pairs that L-BFGS remembers", 10, 1, 200),
       Option::number("learning-rate", "step of Adam, in units of the 0 to 1 colour range", 0.02, 1e-6, 1),
       Option::number("average", "decay of the average over iterates that becomes the result, 0 for none", 0, 0,
                      0.9999),
       Option::integer("smallest-scale", "longer side of the coarsest scale in pixels", 192, 32, 100000),
       Option::number("scale-factor", "ratio of one scale to the next", 1.4142135623730951, 1.1, 4),
       Option::number("fine-share", "share of the steps spent at full size", 0.25, 0.01, 1),
       Option::flag("one-scale", "work at full size only, as the paper does"),
       Option::number("style-scale", "size of the style's strokes, 1 as in the style picture", 1, 0.1, 10)},
      [](const Values& values) -> std::unique_ptr<Method> { return std::make_unique<Gatys>(values); }};
  info.keeps_checkpoint = true;
  return info;
}

}  // namespace atelier::methods::gatys
