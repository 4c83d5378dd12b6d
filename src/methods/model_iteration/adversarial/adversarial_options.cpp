#include "methods/model_iteration/adversarial/adversarial_options.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "core/json_text.h"
#include "methods/applied_network.h"
#include "methods/model_iteration/adversarial/colour_count_options.h"

namespace atelier::methods {

std::vector<Option> with_adversarial(std::vector<Option> own, const AdversarialDefaults& defaults) {
  std::vector<Option> all = {
      Option::integer("batch", "pictures per step", defaults.batch, 1, 256),
      Option::integer("crop", "side of a training picture in pixels", defaults.crop, 16, 1024),
      Option::choice("gan-loss", "what the critic's verdicts mean: cross-entropy, least squares, Wasserstein, hinge",
                     defaults.loss, losses::adversarial_names()),
      Option::number("critic-rate", "learning rate of the critic, times the generator's", 1, 1e-3, 1e3),
      Option::integer("critic-steps", "turns of the critic for each of the generator", defaults.critic_steps, 1, 20),
      Option::number("weight-clip", "largest magnitude of the critic's parameters, for wgan; 0: any",
                     defaults.weight_clip, 0, 100),
      Option::number("gradient-penalty", "weight of the penalty on the critic's gradient; 10 is usual; 0: none", 0, 0,
                     1e4),
      Option::flag("spectral-norm", "divide the critic's weights by their largest singular value"),
      Option::integer("critic-width", "channels of the critic's first layer", 64, 1, 512),
      Option::integer("critic-layers", "the critic's layers of stride 2; 3 sees patches of 70 pixels", 3, 1, 8)};
  return joined_options(joined_options(std::move(all), own), colour_count_options());
}

AdversarialSettings shared_settings(const Values& values, const TrainingInputs& inputs) {
  AdversarialSettings settings;
  settings.critic_rate = values.number("critic-rate");
  settings.colour_count = colour_count_settings(values);
  settings.bf16 = inputs.bf16;
  settings.seed = inputs.seed;
  settings.device = inputs.device;
  return settings;
}

AdversarialSettings game_settings(const Values& values, const TrainingInputs& inputs) {
  auto settings = shared_settings(values, inputs);
  settings.critic.loss = losses::parse_adversarial(values.text("gan-loss"));
  return settings;
}

AdversarialSettings adversarial_settings(const Values& values, const TrainingInputs& inputs) {
  auto settings = game_settings(values, inputs);
  settings.critic.weight_clip = values.number("weight-clip");
  settings.critic.gradient_penalty = values.number("gradient-penalty");
  settings.critic.spectral_norm = values.flag("spectral-norm");
  settings.critic_steps = static_cast<int>(values.integer("critic-steps"));
  return settings;
}

PatchShape patch_shape(const Values& values, const AdversarialDefaults& defaults) {
  return {.strided = static_cast<int>(values.integer("critic-layers")),
          .width = values.integer("critic-width"),
          .norm = defaults.critic_norm};
}

std::vector<Option> generator_options(const std::string& kind, long width, long depth, long blocks, double dropout) {
  return {
      Option::choice("generator", "form of the generator", kind, {"unet", "resnet"}),
      Option::integer("width", "channels of the generator's first layer", width, 1, 512),
      Option::integer("depth", "levels of the U-Net: the picture's sides become multiples of 2^depth", depth, 1, 10),
      Option::integer("blocks", "residual blocks of the residual network", blocks, 0, 32),
      Option::number("dropout", "share of values dropped in the generator while learning", dropout, 0, 0.9),
      upsampling_option()};
}

Option upsampling_option() {
  return Option::choice("upsampling",
                        "transposed convolutions as in the paper, or nearest neighbour before a convolution: no "
                        "checkerboard, slower",
                        "transposed", {"transposed", "nearest"});
}

Enlarging enlarging(const Values& values) {
  return values.text("upsampling") == "nearest" ? Enlarging::kNearest : Enlarging::kTransposed;
}

Network generator_of(const Values& values, std::uint64_t seed, const UnetShape& form) {
  auto shape = form;
  shape.depth = static_cast<int>(values.integer("depth"));
  shape.width = values.integer("width");
  shape.dropout = values.number("dropout");
  shape.enlarging = enlarging(values);
  const auto crop = values.integer("crop");
  const bool plain = values.text("generator") == "unet";
  require(!plain || shape.dropout == 0 || shape.dropout_levels > 0,
          "the U-Net of this training drops no values; leave out --dropout, or give --generator resnet");
  auto network = plain ? unet(seed, shape)
                       : resnet(seed, {.width = shape.width,
                                       .blocks = static_cast<int>(values.integer("blocks")),
                                       .dropout = shape.dropout,
                                       .enlarging = shape.enlarging});
  const auto multiple = AppliedNetwork(network).multiple();
  require(crop % multiple == 0, "the generator takes pictures whose sides are multiples of " +
                                    std::to_string(multiple) + "; give another --crop than " + std::to_string(crop) +
                                    ", or a smaller --depth");
  return network;
}

std::string settings_text(const std::string& method, const Values& values, const TrainingInputs& inputs,
                          std::size_t pictures) {
  nlohmann::json json = values.all();
  // The number of pictures tells data apart, wherever it lies.
  json.erase("targets");
  json["method"] = method;
  json["bf16"] = inputs.bf16;
  json["seed"] = inputs.seed;
  json["pictures"] = pictures;
  return json_text(json);
}

}  // namespace atelier::methods
