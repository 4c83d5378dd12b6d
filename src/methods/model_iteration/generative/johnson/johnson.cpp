#include <torch/torch.h>

#include <map>

#include "atelier/error.h"
#include "core/printable.h"
#include "encoders/encoder.h"
#include "methods/method.h"
#include "methods/model_iteration/generative/johnson/network.h"
#include "methods/model_iteration/generative/johnson/train.h"
#include "methods/style_mix.h"
#include "weights/model_store.h"

namespace atelier::methods::johnson {
namespace {

constexpr std::int64_t kMultiple = 4;  // of the picture's sides: two convolutions of stride 2

/// A style model of ours, or a network of others that read_johnson() knows.
Network open_network(const std::string& model) {
  require(!model.empty(), "johnson paints the style of a trained model, not of a picture; give --style MODEL");
  const auto weights = open_model(model);
  const auto method = weights.metadata.find("method");
  const bool ours = weights.metadata.contains("graph");
  require(method == weights.metadata.end() || method->second == "johnson",
          "the model " + printable(model) + " is one of another method; use --method " +
              one_line(method == weights.metadata.end() ? "" : method->second));
  auto network = ours ? std::optional(read_network(weights)) : read_johnson(weights);
  require(
      network && network->graph.inputs() == std::vector<std::string>{"picture"},
      "the model " + printable(model) + " holds no network that johnson applies; `atelier models list` tells kinds");
  return *std::move(network);
}

class Johnson final : public Method {
 public:
  Tensor run(const Inputs& inputs, const OnProgress& on_progress) override {
    bf16_ = wants_bf16(parse_precision(inputs.precision));
    for (const auto& style : inputs.styles) network(style.model);
    return paint_feed_forward(inputs, on_progress, "painting",
                              [&](const Tensor& picture, const Style& style) { return paint(picture, style); });
  }

  /// At the widest place, full size, a layer's input, its padded copy and its output live at once.
  std::size_t memory_forecast(const Inputs& inputs) const override {
    constexpr std::size_t kWidth = 32, kCopies = 4, kBytes = 4;
    return kWidth * kCopies * kBytes * static_cast<std::size_t>(inputs.content.size(2) * inputs.content.size(3));
  }

 private:
  const Network& network(const std::string& model) {
    auto found = networks_.find(model);
    if (found == networks_.end()) found = networks_.emplace(model, open_network(model)).first;
    return found->second;
  }

  Tensor paint(const Tensor& picture, const Style& style) {
    const auto padded = pad_to_multiple(picture, kMultiple);
    const auto painted =
        run_network(network(style.model), {{"picture", padded}}, bf16_ ? torch::kBFloat16 : torch::kFloat);
    return crop_to(painted, picture.size(2), picture.size(3));
  }

  bool bf16_ = false;
  std::map<std::string, Network> networks_;
};

WeightSet tiny_model() {
  auto weights =
      write_network(painting_network(1, {.full_width = 4, .half_width = 4, .quarter_width = 8, .blocks = 1}), false);
  weights.metadata["kind"] = "style";
  weights.metadata["method"] = "johnson";
  return weights;
}

}  // namespace

MethodInfo describe() {
  MethodInfo info{
      "johnson",
      "model_iteration/generative",
      "Johnson, Alahi, Fei-Fei: Perceptual Losses for Real-Time Style Transfer and Super-Resolution, ECCV "
      "2016",
      "one residual network per style, trained once and applied in less than a second; also those of others",
      {},
      [](const Values&) -> std::unique_ptr<Method> { return std::make_unique<Johnson>(); }};
  info.uses_encoder = false;
  info.takes = Takes::kModels;
  info.tiny_model = tiny_model;
  info.make_training = make_training;
  info.training_options = training_options();
  info.import_model = import_johnson;
  return info;
}

}  // namespace atelier::methods::johnson
