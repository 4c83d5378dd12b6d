#include "methods/model_iteration/generative/conditional_in/train.h"

#include "methods/model_iteration/generative/conditional_in/network.h"

namespace atelier::methods::conditional_in {

std::vector<Option> training_options() {
  return {
      Option::integer("batch", "photos per step", 6, 1, 64),
      Option::integer("crop", "side of a photo in pixels", 192, 64, 1024),
      Option::number("balance",
                     "content lost for style distance left that every style shall reach; 0: fixed content weight", 2.3,
                     0, 100),
      Option::number("content-weight", "weight of the content beside the style, at the start", 0.3, 0, 1e6),
      Option::number("tv-weight", "weight of the total variation, against noise", 0.02, 0, 1e6),
      Option::integer("edge-width", "channels at full size", 16, 4, 256),
      Option::integer("half-width", "channels at half size", 32, 4, 512),
      Option::integer("quarter-width", "channels at a quarter", 64, 4, 512),
      Option::integer("eighth-width", "channels at an eighth; 0: the residual blocks work at a quarter", 128, 0, 1024),
      Option::integer("blocks", "residual blocks", 5, 1, 32)};
}

std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs) {
  const auto number = [&](const char* name) { return static_cast<int>(values.integer(name)); };
  const Shape shape{number("edge-width"), number("half-width"), number("quarter-width"), number("eighth-width"),
                    number("blocks")};
  StyleTrainingOptions options;
  options.photos = inputs.photos;
  options.method = "conditional-in";
  options.batch = values.integer("batch");
  options.crop = values.integer("crop");
  options.balance = values.number("balance");
  options.content_weight = values.number("content-weight");
  options.tv_weight = values.number("tv-weight");
  options.encoder = inputs.encoder;
  options.bf16 = inputs.bf16;
  options.seed = inputs.seed;
  auto network = painting_network(static_cast<std::int64_t>(inputs.styles.size()), inputs.seed, shape);
  return std::make_unique<StyleTraining>(std::move(network), inputs.styles, options);
}

}  // namespace atelier::methods::conditional_in
