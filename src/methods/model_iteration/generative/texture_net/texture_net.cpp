#include <torch/torch.h>

#include "methods/applied_network.h"
#include "methods/method.h"
#include "methods/model_iteration/generative/refined_style.h"
#include "methods/model_iteration/generative/stroke_size.h"
#include "methods/model_iteration/generative/texture_net/network.h"
#include "methods/model_iteration/generative/texture_net/train.h"
#include "methods/style_mix.h"
#include "networks/noise_input.h"
#include "networks/style_model.h"

namespace atelier::methods::texture_net {
namespace {

AppliedNetwork open_network(const std::string& model) {
  return AppliedNetwork(read_network(open_style_model(model, "texture-net")), {"picture", "noise"});
}

class TextureNet final : public RefinedStyleMethod {
 public:
  explicit TextureNet(const Values& values) : RefinedStyleMethod(values), strokes_(strokes_of(values)) {}

 private:
  /// At full size 48 joined channels, a convolution's padded copy of them and its result.
  std::size_t painting_memory(const Inputs& inputs) const override {
    constexpr std::size_t kWidth = 48, kCopies = 4, kBytes = 4;
    return kWidth * kCopies * kBytes * static_cast<std::size_t>(inputs.content.size(2) * inputs.content.size(3));
  }

  Tensor paint(const Inputs& inputs, const OnProgress& on_progress) override {
    const auto compute = compute_type(inputs.precision);
    for (const auto& style : inputs.styles) networks_(style.model);
    return paint_feed_forward(inputs, on_progress, "painting", [&](const Tensor& picture, const Style& style) {
      const auto& generator = networks_(style.model);
      const auto noise = [&](const Tensor& padded) {
        return std::map<std::string, Tensor>{{"noise", noise_input(generator.network(), padded, inputs.seed)}};
      };
      return paint_with_strokes(picture, strokes_,
                                [&](const Tensor& given) { return generator.paint(given, compute, noise); });
    });
  }

  double strokes_;
  OpenModels<AppliedNetwork> networks_{open_network};
};

WeightSet tiny_model() {
  return style_model(generator_network(1, {.scales = 3, .width = 2, .noise = 1}), "texture-net", false);
}

}  // namespace

MethodInfo describe() {
  MethodInfo info{"texture-net",
                  "model_iteration/generative",
                  "Ulyanov, Lebedev, Vedaldi, Lempitsky: Texture Networks, ICML 2016",
                  "one small multi-scale generator per style, fed with noise: another --seed, another picture",
                  joined_options({strokes_option()}, style_refinement_options()),
                  [](const Values& values) -> std::unique_ptr<Method> { return std::make_unique<TextureNet>(values); }};
  info.uses_encoder = false;
  info.takes = Takes::kModels;
  info.tiny_model = tiny_model;
  info.make_training = make_training;
  info.training_options = training_options();
  return info;
}

}  // namespace atelier::methods::texture_net
