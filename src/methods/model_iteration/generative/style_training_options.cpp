#include "methods/model_iteration/generative/style_training_options.h"

namespace atelier::methods {

std::vector<Option> with_style_training(std::vector<Option> own, long batch, long crop) {
  std::vector<Option> all = {
      Option::integer("batch", "photos per step", batch, 1, 64),
      Option::integer("crop", "side of a photo in pixels", crop, 64, 1024),
      Option::number("smallest-scale",
                     "smallest part of a photo that is shown, relative to the crop; below 1 it is enlarged", 0.9, 0.1, 4),
      Option::number("largest-scale", "largest part of a photo that is shown, relative to the crop", 2.0, 0.1, 8),
      Option::number("balance",
                     "content lost for style distance left that every style shall reach; 0: fixed content weight", 2.3,
                     0, 100),
      Option::number("content-weight", "weight of the content beside the style, at the start", 0.3, 0, 1e6),
      Option::number("focus",
                     "how much more often styles are drawn that are far from their paintings; 0: all equally often", 0,
                     0, 10),
      Option::number("tv-weight", "weight of the total variation, against noise", 0.02, 0, 1e6),
      Option::number("grid-weight", "weight of what repeats every 8 pixels or fewer, as upsampling leaves it", 0, 0,
                     1e6),
      Option::number("smoothness-weight", "weight of colours that drift where the photo is flat", 0, 0, 1e6),
      Option::number("flat-tv-weight", "weight of strokes and texture where the photo is flat", 0, 0, 1e6),
      Option::number("stability-weight",
                     "weight of how much pictures change when noise that nobody sees changes the photo", 0, 0, 1e6),
      Option::flag("pooled-grams",
                   "give all photos of a batch one style and compare the mean of their Gram matrices: fewer strokes in "
                   "flat skies")};
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

StyleTrainingOptions style_training_options(const Values& values, const TrainingInputs& inputs,
                                            const std::string& method) {
  StyleTrainingOptions options;
  options.photos = inputs.photos;
  options.method = method;
  options.batch = values.integer("batch");
  options.crop = values.integer("crop");
  options.smallest_scale = values.number("smallest-scale");
  options.largest_scale = values.number("largest-scale");
  options.balance = values.number("balance");
  options.content_weight = values.number("content-weight");
  options.focus = values.number("focus");
  options.tv_weight = values.number("tv-weight");
  options.grid_weight = values.number("grid-weight");
  options.smoothness_weight = values.number("smoothness-weight");
  options.flat_tv_weight = values.number("flat-tv-weight");
  options.stability_weight = values.number("stability-weight");
  options.pooled_grams = values.flag("pooled-grams");
  options.encoder = inputs.encoder;
  options.bf16 = inputs.bf16;
  options.seed = inputs.seed;
  options.device = inputs.device;
  return options;
}

}  // namespace atelier::methods
