#include <torch/torch.h>

#include "atelier/error.h"
#include "core/printable.h"
#include "methods/applied_network.h"
#include "methods/method.h"
#include "methods/model_iteration/generative/msg_net/network.h"
#include "methods/model_iteration/generative/msg_net/train.h"
#include "methods/model_iteration/generative/stroke_size.h"
#include "methods/style_mix.h"
#include "networks/style_model.h"
#include "tensor/weight_tensor.h"
#include "training/style_gram.h"

namespace atelier::methods::msg_net {
namespace {

constexpr const char* kModelOption = "model";

/// A network and the matrices of the styles that it was trained with, by name.
struct Painter {
  AppliedNetwork network;
  std::map<std::string, Tensor> grams;
};

Painter open_painter(const std::string& model) {
  constexpr std::string_view kGram = "gram.";
  const auto weights = open_style_model(model, "msg-net");
  Painter painter{AppliedNetwork(read_network(weights), {"picture", "gram"}), {}};
  for (const auto& [name, tensor] : weights.tensors)
    if (name.starts_with(kGram)) painter.grams[name.substr(kGram.size())] = to_float_tensor(weights, name);
  return painter;
}

Tensor stored_gram(const Painter& painter, const Style& style) {
  if (style.entry.empty() && painter.grams.size() == 1) return painter.grams.begin()->second;
  const auto found = painter.grams.find(style.entry);
  require(found != painter.grams.end(), "the model " + printable(style.model) + " holds no style " +
                                            printable(style.entry) + "; see `atelier styles`");
  return found->second;
}

class MsgNet final : public Method {
 public:
  MsgNet(std::string model, double strokes) : model_(std::move(model)), strokes_(strokes) {}

  Tensor run(const Inputs& inputs, const OnProgress& on_progress) override {
    const torch::NoGradGuard no_grad;
    const auto compute = compute_type(inputs.precision);
    std::vector<Tensor> grams;
    for (const auto& style : inputs.styles) grams.push_back(gram(style));
    const auto mixed = mixed_inside(inputs, grams);
    return paint_feed_forward(mixed, on_progress, "painting", [&](const Tensor& picture, const Style& style) {
      const auto& matrix = grams.at(static_cast<std::size_t>(&style - mixed.styles.data()));
      const auto& network = painters_(model_of(style)).network;
      const auto gram_of = [&](const Tensor&) { return std::map<std::string, Tensor>{{"gram", matrix}}; };
      return paint_with_strokes(picture, strokes_,
                                [&](const Tensor& given) { return network.paint(given, compute, gram_of); });
    });
  }

  /// At full size the last layers' channels, and their copies enlarged, normalised and padded.
  std::size_t memory_forecast(const Inputs& inputs) const override {
    constexpr std::size_t kWidth = 128, kCopies = 4, kBytes = 4;
    return kWidth * kCopies * kBytes * static_cast<std::size_t>(inputs.content.size(2) * inputs.content.size(3));
  }

 private:
  const std::string& model_of(const Style& style) const { return style.model.empty() ? model_ : style.model; }

  Tensor gram(const Style& style) {
    const bool picture = style.model.empty();
    require(!picture || !model_.empty(),
            "msg-net paints like a picture by a trained network, which was not named; add --model MODEL");
    const auto& painter = painters_(model_of(style));
    return picture ? style_gram(painter.network.network(), style.picture) : stored_gram(painter, style);
  }

  /// Styles without masks on one network become one: their matrices are mixed, and the network runs once.
  Inputs mixed_inside(const Inputs& inputs, std::vector<Tensor>& grams) const {
    for (const auto& style : inputs.styles)
      if (style.mask.defined() || model_of(style) != model_of(inputs.styles.front())) return inputs;
    if (inputs.styles.size() < 2) return inputs;
    auto mixed = inputs;
    mixed.styles.resize(1);
    auto sum = torch::zeros_like(grams.front());
    double weights = 0;
    for (std::size_t i = 0; i < grams.size(); ++i) {
      sum += inputs.styles[i].weight * grams[i];
      weights += inputs.styles[i].weight;
    }
    grams = {sum / weights};
    return mixed;
  }

  std::string model_;
  double strokes_;
  OpenModels<Painter> painters_{open_painter};
};

WeightSet tiny_model() {
  auto network = painting_network(1, {.width = 1, .blocks = 1});
  auto weights = style_model(network, "msg-net", false);
  const torch::NoGradGuard no_grad;
  const auto random = at::detail::createCPUGenerator(1);
  const auto picture = torch::rand({1, 3, 16, 16}, random);
  const auto grams = to_weight_set(
      {{"gram.first", style_gram(network, picture)}, {"gram.second", style_gram(network, picture.square())}});
  weights.tensors.insert(grams.tensors.begin(), grams.tensors.end());
  keep_alive(weights, grams.storage);
  weights.metadata["styles"] = R"(["first","second"])";
  return weights;
}

}  // namespace

MethodInfo describe() {
  MethodInfo info{
      "msg-net",
      "model_iteration/generative",
      "Zhang, Dana: Multi-style Generative Network for Real-time Transfer, 2017",
      "many styles in one network, told by their Gram matrices: its own and pictures it has not seen",
      {Option::text(kModelOption, "trained network that paints like the pictures given as styles"), strokes_option()},
      [](const Values& values) -> std::unique_ptr<Method> {
        return std::make_unique<MsgNet>(values.text(kModelOption), strokes_of(values));
      }};
  info.uses_encoder = false;
  info.takes = Takes::kBoth;
  info.tiny_model = tiny_model;
  info.model_option = kModelOption;
  info.make_training = make_training;
  info.training_options = training_options();
  return info;
}

}  // namespace atelier::methods::msg_net
