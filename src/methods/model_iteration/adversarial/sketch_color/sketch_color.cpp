#include <torch/torch.h>

#include <algorithm>

#include "atelier/error.h"
#include "filters/line_drawing.h"
#include "methods/applied_network.h"
#include "methods/method.h"
#include "methods/model_iteration/adversarial/sketch_color/hint.h"
#include "methods/model_iteration/adversarial/sketch_color/network.h"
#include "methods/model_iteration/adversarial/sketch_color/train.h"
#include "methods/style_mix.h"
#include "networks/peak_memory.h"
#include "tensor/colour_spaces.h"
#include "tensor/image_tensor.h"
#include "tensor/resize.h"

namespace atelier::methods::sketch_color {
namespace {

constexpr double kUsualStrength = 50;

struct Model {
  AppliedNetwork network;
  std::shared_ptr<const Encoder> encoder;
};

Model open(const std::string& name) {
  const auto weights = open_style_model(name, "sketch-color");
  const auto encoder = weights.metadata.find("encoder");
  require(encoder != weights.metadata.end(), "the model names no encoder for its hints; use one of sketch-color");
  return {AppliedNetwork(read_network(weights), {"picture", "hint"}), open_encoder(encoder->second)};
}

/// The hint at every place of a picture of height × width within the padded one: the codes of the styles that paint
/// there, mixed by their shares.
Tensor mixed_hint(const std::vector<Tensor>& codes, const StyleShares& shares, const Tensor& padded) {
  const auto height = padded.size(2) / kMiddle, width = padded.size(3) / kMiddle;
  Tensor sum, covered;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const auto share =
        resize(pad_to_multiple(shares.maps[i], kMiddle), height, width, Filter::kBilinear).clamp(1e-6, 1);
    const auto part = hint_map(codes[i], height, width) * share;
    sum = sum.defined() ? sum + part : part;
    covered = covered.defined() ? covered + share : share;
  }
  return sum / covered;
}

class SketchColor final : public Method {
 public:
  explicit SketchColor(const Values& values)
      : model_(values.text("model")), draws_lines_(values.flag("draw-lines")), models_(open) {}

  Tensor run(const Inputs& inputs, const OnProgress& on_progress) override {
    const torch::NoGradGuard no_grad;
    require(!inputs.styles.empty(), "sketch-color needs a picture with the colours; add --style PAINTING");
    const auto shares = style_shares(inputs.styles, inputs.content.size(2), inputs.content.size(3));
    RunCounter counter("painting", 1, on_progress, inputs.keep_best_on_stop);
    if (!counter.next(inputs.content) || inputs.strength <= 0) return inputs.content;
    const double mixed = std::clamp(1 - inputs.strength / kUsualStrength, 0.0, 1.0);
    const auto photo = shares.photo * (1 - mixed) + mixed;
    const auto painted = paint(inputs, shares).clamp(0, 1).lerp(inputs.content, photo);
    counter.next(painted);
    return painted;
  }

  std::size_t memory_forecast(const Inputs& inputs) const override {
    const auto& model = models_(model_);
    const Extent hint{static_cast<double>(code_size(*model.encoder)), static_cast<double>(kMiddle)};
    return peak_memory(model.network.network(), inputs.content.size(2), inputs.content.size(3), {{"hint", hint}});
  }

 private:
  Tensor paint(const Inputs& inputs, const StyleShares& shares) {
    const auto& model = models_(model_);
    std::vector<Tensor> codes;
    for (const auto& style : inputs.styles)
      codes.push_back(exaggerated(model.network.network(), style_code(*model.encoder, style.picture),
                                  std::max(1.0, inputs.strength / kUsualStrength)));
    const auto sketch = draws_lines_ ? to_tensor(line_drawing(to_image(inputs.content)))
                                     : colour::luma(inputs.content).expand_as(inputs.content);
    return model.network.paint(sketch, compute_type(inputs.precision), [&](const Tensor& padded) {
      return std::map<std::string, Tensor>{{"hint", mixed_hint(codes, shares, padded)}};
    });
  }

  std::string model_;
  bool draws_lines_;
  mutable OpenModels<Model> models_;
};

WeightSet tiny_model() {
  const auto encoder = open_encoder("compact", {.precision = Precision::kFloat32});
  return painter_model(painter(1, code_size(*encoder), {.width = 2, .blocks = 1}), "compact");
}

}  // namespace

MethodInfo describe() {
  MethodInfo info{
      "sketch-color",
      "model_iteration/adversarial",
      "Zhang, Ji, Lin: Style Transfer for Anime Sketches with Enhanced Residual U-net and Auxiliary "
      "Classifier GAN, ACPR 2017",
      "paints a line drawing in the colours of a painting",
      {Option::text("model", "model with the painter", "sketch-color"),
       Option::flag("draw-lines", "draw the lines of a photo first, and paint those")},
      [](const Values& values) -> std::unique_ptr<Method> { return std::make_unique<SketchColor>(values); }};
  info.uses_encoder = false;
  info.tiny_model = tiny_model;
  info.model_option = "model";
  info.make_training = make_training;
  info.training_options = training_options();
  return info;
}

}  // namespace atelier::methods::sketch_color
