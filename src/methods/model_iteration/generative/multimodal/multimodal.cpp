#include <torch/torch.h>

#include <algorithm>

#include "methods/applied_network.h"
#include "methods/method.h"
#include "methods/model_iteration/generative/multimodal/network.h"
#include "methods/model_iteration/generative/multimodal/train.h"
#include "methods/model_iteration/generative/refined_style.h"
#include "methods/style_mix.h"
#include "networks/style_model.h"
#include "tensor/resize.h"

namespace atelier::methods::multimodal {
namespace {

constexpr const char* kBase = "base";

AppliedNetwork open_network(const std::string& model) {
  return AppliedNetwork(read_network(open_style_model(model, "multimodal")));
}

class Multimodal final : public RefinedStyleMethod {
 public:
  explicit Multimodal(const Values& values) : RefinedStyleMethod(values), base_(values.integer(kBase)) {}

 private:
  /// At the size of the result the widest layers have 32 channels, and their copies.
  std::size_t painting_memory(const Inputs& inputs) const override {
    constexpr std::size_t kWidth = 32, kCopies = 4, kBytes = 4, kEnlargement = 4;
    const auto side = kEnlargement * static_cast<std::size_t>(first_side(inputs.content));
    return kWidth * kCopies * kBytes * side * side;
  }

  Tensor paint(const Inputs& inputs, const OnProgress& on_progress) override {
    const auto compute = compute_type(inputs.precision);
    for (const auto& style : inputs.styles) networks_(style.model);
    return paint_feed_forward(inputs, on_progress, "painting", [&](const Tensor& picture, const Style& style) {
      return paint_one(networks_(style.model), picture, compute);
    });
  }

  /// The longer side at which the first subnet sees the picture.
  std::int64_t first_side(const Tensor& picture) const {
    constexpr std::int64_t kEnlargement = 4;
    const auto longer = std::max(picture.size(2), picture.size(3));
    return std::max(base_, (longer + kEnlargement - 1) / kEnlargement);
  }

  Tensor paint_one(const AppliedNetwork& network, const Tensor& picture, torch::ScalarType compute) const {
    const auto painted = network.paint(fit_longer_side(picture, first_side(picture)), compute);
    return resize_picture(painted.clamp(0, 1), picture.size(2), picture.size(3));
  }

  std::int64_t base_;
  OpenModels<AppliedNetwork> networks_{open_network};
};

WeightSet tiny_model() {
  return style_model(hierarchical_network(1, {.width = 2, .blocks = 1, .edge_kernel = 3}), "multimodal", false);
}

}  // namespace

MethodInfo describe() {
  MethodInfo info{
      "multimodal",
      "model_iteration/generative",
      "Wang, Oxholm, Zhang, Wang: Multimodal Transfer, CVPR 2017",
      "one style painted in three sizes, each finer than the last, from colours and luminance",
      joined_options({Option::integer(
                         kBase,
                         "longer side of the first, coarsest painting; the last is four times as large, so that larger "
                         "photos enlarge it",
                         256, 16, 2048)},
                     style_refinement_options()),
      [](const Values& values) -> std::unique_ptr<Method> { return std::make_unique<Multimodal>(values); }};
  info.uses_encoder = false;
  info.takes = Takes::kModels;
  info.tiny_model = tiny_model;
  info.make_training = make_training;
  info.training_options = training_options();
  return info;
}

}  // namespace atelier::methods::multimodal
