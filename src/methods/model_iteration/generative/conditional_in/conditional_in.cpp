#include <torch/torch.h>

#include "methods/applied_network.h"
#include "methods/method.h"
#include "methods/model_iteration/generative/conditional_in/fit.h"
#include "methods/model_iteration/generative/conditional_in/network.h"
#include "methods/model_iteration/generative/conditional_in/train.h"
#include "methods/model_iteration/generative/held_styles.h"
#include "methods/model_iteration/generative/refined_style.h"
#include "methods/model_iteration/generative/stroke_size.h"
#include "methods/style_mix.h"
#include "networks/style_model.h"

namespace atelier::methods::conditional_in {
namespace {

/// A network and the names of the styles that it holds, in the order of its shares.
struct Gallery {
  AppliedNetwork network;
  std::vector<std::string> styles;
};

Gallery open_gallery(const std::string& model) {
  const auto weights = open_style_model(model, "conditional-in");
  auto network = read_network(weights);
  return {AppliedNetwork(std::move(network), {"picture", "shares"}), held_styles(model)};
}

class ConditionalIn final : public RefinedStyleMethod {
 public:
  explicit ConditionalIn(const Values& values) : RefinedStyleMethod(values), strokes_(strokes_of(values)) {}

 private:
  std::size_t painting_memory(const Inputs& inputs) const override {
    constexpr Extent kNumbers{.channels = 0};
    return widest_memory(inputs, [&](const auto& model) -> auto& { return galleries_(model).network.network(); },
                         {{"shares", kNumbers}});
  }

  Tensor paint(const Inputs& inputs, const OnProgress& on_progress) override {
    const auto compute = compute_type(inputs.precision);
    const auto blended = blend(inputs);
    return paint_feed_forward(blended, on_progress, "painting", [&](const Tensor& picture, const Style& style) {
      return paint_with_strokes(picture, growing_strokes(picture, strokes_), [&](const Tensor& given) {
        return galleries_(style.model).network.paint(given, compute, [&](const Tensor&) {
          return std::map<std::string, Tensor>{{"shares", shares_.at(key(style))}};
        });
      });
    });
  }

  /// Styles without masks that one model holds are blended inside the network: one run, and a style between the
  /// others in place of their pictures overlaid.
  Inputs blend(const Inputs& inputs) {
    bool one = inputs.styles.size() > 1;
    for (const auto& style : inputs.styles)
      one = one && !style.mask.defined() && style.model == inputs.styles.front().model;
    for (const auto& style : inputs.styles) {
      auto& shares = shares_[key(style)];
      shares = torch::zeros({1, count(style.model)});
      shares[0][place_of(style, galleries_(style.model).styles)] = 1;
    }
    if (!one) return inputs;
    auto mixed = inputs;
    mixed.styles.resize(1);
    auto sum = torch::zeros({1, count(inputs.styles.front().model)});
    for (const auto& style : inputs.styles) sum += style.weight * shares_.at(key(style));
    shares_[key(mixed.styles.front())] = sum / sum.sum();
    return mixed;
  }

  static std::string key(const Style& style) { return style.model + "\n" + style.entry; }

  std::int64_t count(const std::string& model) { return static_cast<std::int64_t>(galleries_(model).styles.size()); }

  double strokes_;  ///< 0: by the picture's size
  mutable OpenModels<Gallery> galleries_{open_gallery};
  std::map<std::string, Tensor> shares_;
};

WeightSet tiny_model() {
  auto weights = style_model(painting_network(2, 1, {4, 4, 4, 8, 1, 1}), "conditional-in", false);
  weights.metadata["styles"] = R"(["first","second"])";
  return weights;
}

}  // namespace

MethodInfo describe() {
  MethodInfo info{
      "conditional-in",
      "model_iteration/generative",
      "Dumoulin, Shlens, Kudlur: A Learned Representation for Artistic Style, ICLR 2017",
      "the gallery's styles, learnt by one network: well under a second a picture, styles blend",
      joined_options({growing_strokes_option()}, style_refinement_options()),
      [](const Values& values) -> std::unique_ptr<Method> { return std::make_unique<ConditionalIn>(values); }};
  info.uses_encoder = false;
  info.takes = Takes::kModels;
  info.tiny_model = tiny_model;
  info.make_training = make_training;
  info.training_options = training_options();
  info.fit_style = fit_style;
  return info;
}

}  // namespace atelier::methods::conditional_in
