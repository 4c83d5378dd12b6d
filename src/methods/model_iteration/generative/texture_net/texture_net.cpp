#include <torch/torch.h>

#include <algorithm>
#include <map>

#include "atelier/error.h"
#include "core/printable.h"
#include "encoders/encoder.h"
#include "methods/method.h"
#include "methods/model_iteration/generative/texture_net/network.h"
#include "methods/model_iteration/generative/texture_net/train.h"
#include "methods/style_mix.h"
#include "networks/noise_input.h"
#include "weights/model_store.h"

namespace atelier::methods::texture_net {
namespace {

Network open_network(const std::string& model) {
  require(!model.empty(), "texture-net paints the style of a trained model, not of a picture; give --style MODEL");
  const auto weights = open_model(model);
  const auto method = weights.metadata.find("method");
  require(method != weights.metadata.end() && method->second == "texture-net",
          "the model " + printable(model) + " is none of texture-net's; train one by `atelier train texture-net`");
  return read_network(weights);
}

/// What the photo's sides must be multiples of: the coarsest scale.
std::int64_t multiple_of(const Network& network) {
  int multiple = 1;
  for (const auto& node : network.graph.nodes)
    if (node.op == Op::kAveragePool) multiple = std::max(multiple, node.factor);
  return multiple;
}

class TextureNet final : public Method {
 public:
  Tensor run(const Inputs& inputs, const OnProgress& on_progress) override {
    bf16_ = wants_bf16(parse_precision(inputs.precision));
    for (const auto& style : inputs.styles) network(style.model);
    return paint_feed_forward(inputs, on_progress, "painting", [&](const Tensor& picture, const Style& style) {
      return paint(picture, style, inputs.seed);
    });
  }

  /// At full size 48 joined channels, a convolution's padded copy of them and its result.
  std::size_t memory_forecast(const Inputs& inputs) const override {
    constexpr std::size_t kWidth = 48, kCopies = 4, kBytes = 4;
    return kWidth * kCopies * kBytes * static_cast<std::size_t>(inputs.content.size(2) * inputs.content.size(3));
  }

 private:
  const Network& network(const std::string& model) {
    auto found = networks_.find(model);
    if (found == networks_.end()) found = networks_.emplace(model, open_network(model)).first;
    return found->second;
  }

  Tensor paint(const Tensor& picture, const Style& style, std::uint64_t seed) {
    const auto& generator = network(style.model);
    const auto padded = pad_to_multiple(picture, multiple_of(generator));
    const auto painted = run_network(generator, {{"picture", padded}, {"noise", noise_input(generator, padded, seed)}},
                                     bf16_ ? torch::kBFloat16 : torch::kFloat);
    return crop_to(painted, picture.size(2), picture.size(3));
  }

  bool bf16_ = false;
  std::map<std::string, Network> networks_;
};

WeightSet tiny_model() {
  auto weights = write_network(generator_network(1, {.scales = 3, .width = 2, .noise = 1}), false);
  weights.metadata["kind"] = "style";
  weights.metadata["method"] = "texture-net";
  return weights;
}

}  // namespace

MethodInfo describe() {
  MethodInfo info{"texture-net",
                  "model_iteration/generative",
                  "Ulyanov, Lebedev, Vedaldi, Lempitsky: Texture Networks, ICML 2016",
                  "one small multi-scale generator per style, fed with noise: another --seed, another picture",
                  {},
                  [](const Values&) -> std::unique_ptr<Method> { return std::make_unique<TextureNet>(); }};
  info.uses_encoder = false;
  info.takes = Takes::kModels;
  info.tiny_model = tiny_model;
  info.make_training = make_training;
  info.training_options = training_options();
  return info;
}

}  // namespace atelier::methods::texture_net
