#include "methods/model_iteration/generative/texture_net/train.h"

#include "atelier/error.h"
#include "methods/model_iteration/generative/style_training_options.h"
#include "methods/model_iteration/generative/texture_net/network.h"

namespace atelier::methods::texture_net {

std::vector<Option> training_options() {
  return with_style_training(
      {Option::integer("scales", "sizes of the photo that the generator sees", 6, 1, 7),
       Option::integer("width", "channels of each scale", 8, 1, 64),
       Option::integer("noise", "channels of noise at each scale", 3, 1, 64),
       Option::choice("norm", "by each picture, or by statistics of the training", "instance", {"instance", "batch"})},
      4, 256);
}

std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs) {
  require(inputs.styles.size() == 1,
          "texture-net learns one style per generator; give one --style, or train conditional-in");
  const Shape shape{.scales = static_cast<int>(values.integer("scales")),
                    .width = values.integer("width"),
                    .noise = values.integer("noise"),
                    .norm = values.text("norm") == "batch" ? Norm::kBatch : Norm::kInstance};
  const auto options = style_training_options(values, inputs, "texture-net");
  require(options.crop % (1 << (shape.scales - 1)) == 0,
          "the crop must be a multiple of 2^(scales - 1); choose another --crop or fewer --scales");
  return std::make_unique<StyleTraining>(generator_network(inputs.seed, shape), inputs.styles, options);
}

}  // namespace atelier::methods::texture_net
