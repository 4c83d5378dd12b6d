#include "methods/model_iteration/generative/multimodal/train.h"

#include "atelier/error.h"
#include "methods/model_iteration/generative/multimodal/network.h"
#include "methods/model_iteration/generative/style_training_options.h"

namespace atelier::methods::multimodal {

std::vector<Option> training_options() {
  return with_style_training(
      {Option::integer("width", "channels at full size; twice and four times as many below", 32, 4, 256),
       Option::integer("blocks", "residual blocks of each stack", 3, 0, 32),
       Option::integer("edge-kernel", "side of each subnet's first layer, odd", 9, 1, 15),
       Option::number("enhance-weight", "weight of the loss at twice the crop, the first picture's being 1", 0.5, 0,
                      100),
       Option::number("refine-weight", "weight of the loss at four times the crop", 0.25, 0, 100)},
      1, 256);
}

std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs) {
  require(inputs.styles.size() == 1,
          "multimodal learns one style per network; give one --style, or train conditional-in");
  const Shape shape{.width = values.integer("width"),
                    .blocks = static_cast<int>(values.integer("blocks")),
                    .edge_kernel = static_cast<int>(values.integer("edge-kernel"))};
  auto options = style_training_options(values, inputs, "multimodal");
  const auto& names = subnet_outputs();
  options.outputs = {{names[0], 1, 1.0},
                     {names[1], 2, values.number("enhance-weight")},
                     {names[2], 4, values.number("refine-weight")}};
  options.fixed = fixed_parameters();
  return std::make_unique<StyleTraining>(hierarchical_network(inputs.seed, shape), inputs.styles, options);
}

}  // namespace atelier::methods::multimodal
