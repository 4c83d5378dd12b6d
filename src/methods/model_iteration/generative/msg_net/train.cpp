#include "methods/model_iteration/generative/msg_net/train.h"

#include "methods/model_iteration/generative/msg_net/network.h"
#include "methods/model_iteration/generative/style_training_options.h"
#include "training/style_gram.h"

namespace atelier::methods::msg_net {

std::vector<Option> training_options() {
  return with_style_training(
      {Option::integer("width", "a 32nd of the channels where the style comes in; the paper has 16", 16, 1, 64),
       Option::integer("blocks", "residual blocks behind that layer", 6, 0, 32)},
      4, 256);
}

std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs) {
  const Shape shape{.width = values.integer("width"), .blocks = static_cast<int>(values.integer("blocks"))};
  auto network = painting_network(inputs.seed, shape);
  std::vector<Tensor> grams;
  for (const auto& style : inputs.styles) grams.push_back(style_gram(network, style.picture));
  if (!grams.empty()) start_with_content(network, grams);
  return std::make_unique<StyleTraining>(std::move(network), inputs.styles,
                                         style_training_options(values, inputs, "msg-net"));
}

}  // namespace atelier::methods::msg_net
