#include <torch/torch.h>

#include <map>

#include "atelier/error.h"
#include "core/printable.h"
#include "encoders/encoder.h"
#include "methods/applied_network.h"
#include "methods/method.h"
#include "methods/model_iteration/adversarial/mgan/network.h"
#include "methods/model_iteration/adversarial/mgan/train.h"
#include "methods/style_mix.h"
#include "training/adversarial/adversarial_training.h"

namespace atelier::methods::mgan {
namespace {

/// A generator and the encoder whose features it takes.
struct Painter {
  Network network;
  std::shared_ptr<const Encoder> encoder;
};

Painter open_painter(const std::string& model, Precision precision) {
  const auto weights = open_style_model(model, "mgan");
  const auto encoder = weights.metadata.find("encoder");
  require(encoder != weights.metadata.end() && weights.metadata.contains("graph"),
          "the model " + printable(model) + " names no encoder; train one by `atelier train mgan`");
  return {read_network(weights), open_encoder(encoder->second, {.precision = precision})};
}

class Mgan final : public Method {
 public:
  Tensor run(const Inputs& inputs, const OnProgress& on_progress) override {
    const auto precision = parse_precision(inputs.precision);
    const auto compute = compute_type(inputs.precision);
    OpenModels<Painter> painters([&](const std::string& name) { return open_painter(name, precision); });
    for (const auto& style : inputs.styles) painters(style.model);
    return paint_feed_forward(inputs, on_progress, "painting", [&](const Tensor& picture, const Style& style) {
      return paint(painters(style.model), picture, compute);
    });
  }

 private:
  static Tensor paint(const Painter& painter, const Tensor& picture, torch::ScalarType compute) {
    const auto features = painter.encoder->features(pad_to_multiple(picture, kMultiple), {kGeneratorTap});
    return crop_to(run_network(painter.network, {{"features", features[0]}}, compute), picture.size(2),
                   picture.size(3));
  }
};

WeightSet tiny_model() {
  const auto encoder = open_encoder("compact");
  const auto& chain = encoder->chain();
  const auto channels = chain.layers[chain.layer_of(kGeneratorTap)].weight.size(0);
  auto weights = generator_model(generator(1, channels, 8), "mgan");
  weights.metadata["encoder"] = "compact";
  return weights;
}

}  // namespace

MethodInfo describe() {
  MethodInfo info{
      "mgan",
      "model_iteration/adversarial",
      "Li, Wand: Precomputed Real-Time Texture Synthesis with Markovian Generative Adversarial Networks, ECCV "
      "2016",
      "a decoder of features, learnt against a critic that looks at patches of the encoder's features",
      {},
      [](const Values&) -> std::unique_ptr<Method> { return std::make_unique<Mgan>(); }};
  info.uses_encoder = false;
  info.takes = Takes::kModels;
  info.tiny_model = tiny_model;
  info.make_training = make_training;
  info.training_options = training_options();
  return info;
}

}  // namespace atelier::methods::mgan
