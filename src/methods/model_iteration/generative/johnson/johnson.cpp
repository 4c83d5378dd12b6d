#include <torch/torch.h>

#include "atelier/error.h"
#include "core/printable.h"
#include "methods/applied_network.h"
#include "methods/method.h"
#include "methods/model_iteration/generative/johnson/network.h"
#include "methods/model_iteration/generative/johnson/train.h"
#include "methods/model_iteration/generative/refined_style.h"
#include "methods/model_iteration/generative/stroke_size.h"
#include "methods/style_mix.h"
#include "networks/style_model.h"

namespace atelier::methods::johnson {
namespace {

/// A style model of ours, or a network of others that read_johnson() knows.
AppliedNetwork open_network(const std::string& model) {
  const auto weights = open_style_model(model, "johnson");
  auto network = weights.metadata.contains("graph") ? std::optional(read_network(weights)) : read_johnson(weights);
  require(network.has_value(), "the model " + printable(model) +
                                   " holds no network that johnson applies; `atelier models list` tells kinds");
  return AppliedNetwork(*std::move(network));
}

class Johnson final : public RefinedStyleMethod {
 public:
  explicit Johnson(const Values& values) : RefinedStyleMethod(values), strokes_(strokes_of(values)) {}

 private:
  std::size_t painting_memory(const Inputs& inputs) const override {
    return widest_memory(inputs, [&](const auto& model) -> auto& { return networks_(model).network(); });
  }

  Tensor paint(const Inputs& inputs, const OnProgress& on_progress) override {
    const auto compute = compute_type(inputs.precision);
    for (const auto& style : inputs.styles) networks_(style.model);
    return paint_feed_forward(inputs, on_progress, "painting", [&](const Tensor& picture, const Style& style) {
      return paint_with_strokes(picture, strokes_, [&](const Tensor& given) {
        return networks_(style.model).paint(given, compute);
      });
    });
  }

  double strokes_;
  mutable OpenModels<AppliedNetwork> networks_{open_network};
};

WeightSet tiny_model() {
  return style_model(painting_network(1, {.full_width = 4, .half_width = 4, .quarter_width = 8, .blocks = 1}),
                     "johnson", false);
}

}  // namespace

MethodInfo describe() {
  MethodInfo info{
      "johnson",
      "model_iteration/generative",
      "Johnson, Alahi, Fei-Fei: Perceptual Losses for Real-Time Style Transfer and Super-Resolution, ECCV "
      "2016",
      "one residual network per style, trained once and applied in less than a second; also those of others",
      joined_options({strokes_option()}, style_refinement_options()),
      [](const Values& values) -> std::unique_ptr<Method> { return std::make_unique<Johnson>(values); }};
  info.uses_encoder = false;
  info.takes = Takes::kModels;
  info.tiny_model = tiny_model;
  info.make_training = make_training;
  info.training_options = training_options();
  info.import_model = import_johnson;
  return info;
}

}  // namespace atelier::methods::johnson
