#include "methods/model_iteration/adversarial/paint_model.h"

#include <torch/torch.h>

#include <algorithm>
#include <memory>

#include "atelier/error.h"
#include "core/printable.h"
#include "methods/applied_network.h"
#include "methods/style_mix.h"

namespace atelier::methods {
namespace {

const std::string kBackward = "backward/";

/// The tensors and the graph whose names start with "backward/", without it.
WeightSet backward_part(const WeightSet& model) {
  WeightSet part;
  part.storage = model.storage;
  for (const auto& [name, tensor] : model.tensors)
    if (name.starts_with(kBackward)) part.tensors[name.substr(kBackward.size())] = tensor;
  const auto graph = model.metadata.find(kBackward + "graph");
  if (graph != model.metadata.end()) part.metadata["graph"] = graph->second;
  return part;
}

class Translator final : public Method {
 public:
  explicit Translator(const TranslatorUse& use)
      : noisy_(use.noisy),
        networks_([use](const std::string& model) { return AppliedNetwork(open_translator(model, use)); }) {}

  Tensor run(const Inputs& inputs, const OnProgress& on_progress) override {
    const auto compute = compute_type(inputs.precision);
    for (const auto& style : inputs.styles) networks_(style.model);
    return paint_feed_forward(inputs, on_progress, "painting", [&](const Tensor& picture, const Style& style) {
      const auto& network = networks_(style.model);
      return noisy_ ? with_noise(network, picture, compute, inputs.seed) : network.paint(picture, compute);
    });
  }

  std::size_t memory_forecast(const Inputs& inputs) const override {
    return widest_memory(
        inputs, [&](const auto& model) -> auto& { return networks_(model).network(); });
  }

 private:
  static Tensor with_noise(const AppliedNetwork& with, const Tensor& picture, torch::ScalarType compute,
                           std::uint64_t seed) {
    const auto padded = pad_to_multiple(picture, with.multiple());
    const Learning noise{.seed = seed, .batch_statistics = false};
    return crop_to(run_network(with.network(), {{"picture", padded}}, compute, noise), picture.size(2),
                   picture.size(3));
  }

  bool noisy_;
  mutable OpenModels<AppliedNetwork> networks_;
};

}  // namespace

Network open_translator(const std::string& model, const TranslatorUse& use) {
  const auto weights = open_style_model(model, use.method);
  if (!use.backward) return read_network(weights);
  require(weights.metadata.contains(kBackward + "graph"),
          "the model " + printable(model) + " goes one way only; leave out --direction backward");
  return read_network(backward_part(weights));
}

void add_backward(WeightSet& model, const Network& network) {
  const auto other = write_network(network, true);
  for (const auto& [name, tensor] : other.tensors) model.tensors[kBackward + name] = tensor;
  model.metadata[kBackward + "graph"] = other.metadata.at("graph");
  keep_alive(model, std::make_shared<WeightSet>(other));
}

std::unique_ptr<Method> make_translator(const TranslatorUse& use) { return std::make_unique<Translator>(use); }

MethodInfo translator_info(std::string_view name, std::string_view citation, std::string_view summary) {
  MethodInfo info{name, "model_iteration/adversarial", citation, summary, {}, nullptr};
  info.uses_encoder = false;
  info.takes = Takes::kModels;
  return info;
}

}  // namespace atelier::methods
