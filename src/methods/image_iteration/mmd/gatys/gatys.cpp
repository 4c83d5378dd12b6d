#include <torch/torch.h>

#include <cmath>

#include "atelier/error.h"
#include "core/sha256.h"
#include "methods/image_iteration/mmd/gatys/objective.h"
#include "methods/method.h"
#include "optimise/picture_loop.h"
#include "tensor/resize.h"

namespace atelier::methods::gatys {
namespace {

/// --strength 50 is the weight as given; every 25 points change it tenfold.
double content_weight(double weight, double strength) { return weight * std::pow(10.0, (50 - strength) / 25); }

/// White noise with the mean and covariance of the style's colours.
Tensor style_coloured_noise(const Tensor& style, at::IntArrayRef sizes) {
  const auto pixels = style.flatten(2).squeeze(0).to(torch::kDouble);
  const auto mean = pixels.mean(1, true);
  const auto centred = pixels - mean;
  const auto covariance = centred.matmul(centred.t()) / static_cast<double>(pixels.size(1)) + torch::eye(3, torch::kDouble) * 1e-6;
  const auto noise = torch::randn({3, sizes[2] * sizes[3]}, torch::kDouble);
  return (torch::linalg_cholesky(covariance).matmul(noise) + mean).clamp(0, 1).to(torch::kFloat).reshape(sizes);
}

Tensor initial_picture(const std::string& init, const Inputs& inputs) {
  torch::manual_seed(inputs.seed);
  if (init == "content") return inputs.content;
  if (init == "noise") return torch::rand(inputs.content.sizes());
  return style_coloured_noise(inputs.styles.front().picture, inputs.content.sizes());
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
    auto settings = settings_;
    settings.content_weight = content_weight(settings.content_weight, inputs.strength);
    const auto start = initial_picture(values_.text("init"), inputs);
    const auto objective = [&](const Scale& scale) { return make_objective(encoder, inputs, settings, scale); };
    return optimise_picture(start, objective, loop_options(inputs), on_progress);
  }

  std::size_t memory_forecast(const Inputs& inputs) const override {
    const auto encoder = open(inputs);
    // Activations and, per layer, the gradient passing by; the history of L-BFGS in pictures.
    double per_pixel = 0;
    for (const auto& layer : encoder->chain().layers) {
      const auto stride = static_cast<double>(encoder->chain().stride("relu" + layer.name.substr(4)));
      per_pixel += 1.6 * static_cast<double>(layer.weight.size(0)) * (encoder->bf16() ? 2 : 4) / (stride * stride);
    }
    const double first = static_cast<double>(encoder->chain().layers.front().weight.size(0));
    per_pixel += 3 * 4 * first + 12.0 * (2.0 * static_cast<double>(values_.integer("history")) + 8);
    return static_cast<std::size_t>(per_pixel * static_cast<double>(inputs.content.size(2) * inputs.content.size(3)));
  }

 private:
  std::shared_ptr<const Encoder> open(const Inputs& inputs) const {
    EncoderOptions options;
    options.precision = parse_precision(inputs.precision);
    options.pooling = values_.text("pooling") == "average" ? Pooling::kAverage : Pooling::kMax;
    if (values_.given("padding")) options.padding = values_.text("padding") == "reflection" ? Padding::kReflection : Padding::kZero;
    return open_encoder(inputs.encoder, options);
  }

  PictureLoopOptions loop_options(const Inputs& inputs) const {
    PictureLoopOptions options;
    const auto height = inputs.content.size(2), width = inputs.content.size(3);
    const auto steps = static_cast<int>(values_.integer("steps"));
    const auto smallest = values_.flag("one-scale") ? std::max(height, width) : values_.integer("smallest-scale");
    options.scales = coarse_to_fine(height, width, smallest, values_.number("scale-factor"), steps, values_.number("fine-share"));
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
    std::string text = "gatys " + inputs.encoder + " " + inputs.precision + " " + std::to_string(inputs.strength) + " " +
                       std::to_string(inputs.seed) + " " + fingerprint(inputs.content);
    for (const auto& style : inputs.styles)
      text += " " + fingerprint(style.picture) + ":" + std::to_string(style.weight) + ":" + fingerprint(style.mask);
    for (const auto& [name, value] : values_.all()) text += " " + name + "=" + value;
    return sha256_hex(std::as_bytes(std::span(text)));
  }

  Values values_;
  ObjectiveSettings settings_;
};

}  // namespace

MethodInfo describe() {
  return {"gatys",
          "image_iteration/mmd",
          "Gatys, Ecker, Bethge: Image Style Transfer Using Convolutional Neural Networks, CVPR 2016",
          "optimise the picture itself: highest quality, any style, seconds to minutes",
          {Option::integer("steps", "optimiser steps, over all scales", 250, 1, 100000),
           Option::text("content-layers", "layers that keep the content, as LAYER[:WEIGHT],...", "relu4_2"),
           Option::text("style-layers", "layers that carry the style, as LAYER[:WEIGHT],...",
                        "relu1_1,relu2_1,relu3_1,relu4_1,relu5_1"),
           Option::choice("objective", "losses relative to their target's size, or sums exactly as in the paper", "relative",
                          {"relative", "paper"}),
           Option::number("content-weight", "weight of the content beside the style (objective relative)", 0.05, 0, 1e6),
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
           Option::number("average", "decay of the average over iterates that becomes the result, 0 for none", 0, 0, 0.9999),
           Option::integer("smallest-scale", "longer side of the coarsest scale in pixels", 192, 32, 100000),
           Option::number("scale-factor", "ratio of one scale to the next", 1.4142135623730951, 1.1, 4),
           Option::number("fine-share", "share of the steps spent at full size", 0.25, 0.01, 1),
           Option::flag("one-scale", "work at full size only, as the paper does"),
           Option::number("style-scale", "size of the style's strokes, 1 as in the style picture", 1, 0.1, 10)},
          [](const Values& values) -> std::unique_ptr<Method> { return std::make_unique<Gatys>(values); }};
}

}  // namespace atelier::methods::gatys
