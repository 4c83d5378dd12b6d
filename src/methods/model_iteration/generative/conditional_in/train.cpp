#include "methods/model_iteration/generative/conditional_in/train.h"

#include "methods/model_iteration/generative/conditional_in/network.h"
#include "methods/model_iteration/generative/style_training_options.h"

namespace atelier::methods::conditional_in {

std::vector<Option> training_options() {
  return with_style_training({Option::integer("edge-width", "channels at full size", 16, 4, 256),
                              Option::integer("half-width", "channels at half size", 32, 4, 512),
                              Option::integer("quarter-width", "channels at a quarter", 64, 4, 512),
                              Option::integer("eighth-width", "channels at an eighth", 128, 4, 1024),
                              Option::integer("quarter-blocks", "residual blocks at a quarter", 2, 0, 32),
                              Option::integer("eighth-blocks", "residual blocks at an eighth", 3, 0, 32)},
                             6, 192);
}

std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs) {
  const auto number = [&](const char* name) { return static_cast<int>(values.integer(name)); };
  const Shape shape{number("edge-width"),   number("half-width"),     number("quarter-width"),
                    number("eighth-width"), number("quarter-blocks"), number("eighth-blocks")};
  auto network = painting_network(static_cast<std::int64_t>(inputs.styles.size()), inputs.seed, shape);
  return std::make_unique<StyleTraining>(std::move(network), inputs.styles,
                                         style_training_options(values, inputs, "conditional-in"));
}

}  // namespace atelier::methods::conditional_in
