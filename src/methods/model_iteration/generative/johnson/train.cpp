#include "methods/model_iteration/generative/johnson/train.h"

#include "atelier/error.h"
#include "methods/model_iteration/generative/johnson/network.h"
#include "methods/model_iteration/generative/style_training_options.h"

namespace atelier::methods::johnson {

std::vector<Option> training_options() {
  return with_style_training(
      {Option::choice("upsampling",
                      "nearest neighbour before a convolution, or transposed convolutions as in lengstrom's network",
                      "nearest", {"nearest", "transposed"}),
       Option::integer("width", "channels at full size; twice and four times as many below", 32, 4, 256),
       Option::integer("blocks", "residual blocks", 5, 1, 32)},
      4, 256);
}

std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs) {
  require(inputs.styles.size() == 1, "johnson learns one style per network; give one --style, or train conditional-in");
  const auto width = values.integer("width");
  const Shape shape{
      .upsampling = values.text("upsampling") == "transposed" ? Upsampling::kTransposed : Upsampling::kNearest,
      .full_width = width,
      .half_width = 2 * width,
      .quarter_width = 4 * width,
      .blocks = static_cast<int>(values.integer("blocks"))};
  return std::make_unique<StyleTraining>(painting_network(inputs.seed, shape), inputs.styles,
                                         style_training_options(values, inputs, "johnson"));
}

}  // namespace atelier::methods::johnson
