#include "methods/model_iteration/generative/refined_style.h"

#include <torch/torch.h>

#include <algorithm>

#include "atelier/error.h"
#include "core/printable.h"
#include "methods/model_iteration/generative/held_styles.h"
#include "networks/kept_grams.h"
#include "weights/model_store.h"

namespace atelier::methods {
namespace {

constexpr double kOwnResult = 50;  ///< strength of a network's own result (with_strength())
constexpr Refinement kUsual{.content_weight = 0.1, .coarsest = 192};

/// The encoder whose features the matrices of a model are of, and which of its layers carry the style.
struct Yardstick {
  GramSource source;
  std::shared_ptr<const Encoder> encoder;
  std::vector<TapWidth> taps;
};

GramSource source_of(const WeightSet& weights, const std::string& model) {
  const auto source = gram_source(weights);
  require(source.has_value(), "the model " + printable(model) +
                                  " keeps no Gram matrices of its painting, so that its pictures cannot be refined; "
                                  "leave out --refine, or train it by this version");
  return *source;
}

/// By name only: a model file shall not choose other files to read.
Yardstick yardstick_of(const std::string& model, const std::string& precision) {
  Yardstick found{source_of(open_model(model), model), {}, {}};
  const auto name = find_model(found.source.encoder).name;
  require(content_sha256(open_model(name)) == found.source.sha256,
          "the model " + printable(model) + " was trained by another version of the encoder \"" + name +
              "\", so that its pictures cannot be refined; leave out --refine, or train it again");
  found.encoder = open_encoder(name, {.precision = parse_precision(precision)});
  for (const auto& tap : taps_of(parse_layers(kStyleLayers)))
    found.taps.push_back({tap, found.encoder->chain().channels(tap)});
  return found;
}

std::vector<StyleGrams> wanted_by(const std::vector<Style>& styles, const Yardstick& yardstick) {
  std::vector<StyleGrams> wanted;
  for (const auto& style : styles) {
    const auto weights = open_model(style.model);
    require(source_of(weights, style.model).sha256 == yardstick.source.sha256,
            "the styles were learnt by different encoders, so that they cannot be refined together; leave out "
            "--refine, or paint them one by one");
    const auto place = place_of(style, held_styles(style.model));
    wanted.push_back({kept_grams(weights, place, yardstick.taps), style.weight, style.mask});
  }
  return wanted;
}

}  // namespace

std::vector<Option> style_refinement_options() {
  return refinement_options(
      "optimiser steps towards the painting after the network's pass; 24 bring in its large forms", kUsual);
}

Tensor paint_refined_style(const Inputs& inputs, const Refinement& refinement, const PaintOnce& paint,
                           const OnProgress& on_progress) {
  if (!makes_steps(inputs, refinement)) return paint(inputs, on_progress);
  const auto yardstick = yardstick_of(inputs.styles.at(0).model, inputs.precision);
  auto whole = inputs;
  whole.strength = std::max(inputs.strength, kOwnResult);
  const auto refined =
      paint_refined(whole, refinement, yardstick.encoder, paint, on_progress, wanted_by(inputs.styles, yardstick));
  return inputs.content.lerp(refined, inputs.strength / whole.strength);
}

std::size_t refined_style_memory(const Inputs& inputs, const Refinement& refinement,
                                 const std::function<std::size_t(const Inputs& inputs)>& painting) {
  if (!makes_steps(inputs, refinement)) return painting(inputs);
  const auto yardstick = yardstick_of(inputs.styles.at(0).model, inputs.precision);
  return refined_memory(inputs, refinement, *yardstick.encoder, painting);
}

Tensor RefinedStyleMethod::run(const Inputs& inputs, const OnProgress& on_progress) {
  const auto once = [this](const Inputs& given, const OnProgress& progress) { return paint(given, progress); };
  return paint_refined_style(inputs, refinement_, once, on_progress);
}

std::size_t RefinedStyleMethod::memory_forecast(const Inputs& inputs) const {
  return refined_style_memory(inputs, refinement_, [this](const Inputs& given) { return painting_memory(given); });
}

}  // namespace atelier::methods
