#pragma once
#include <string>
#include <vector>

#include "methods/model_iteration/adversarial/translators.h"
#include "methods/options.h"
#include "training/adversarial/adversarial_training.h"
#include "training/style_training.h"

namespace atelier::methods {

/// What differs between the adversarial methods: their papers' values.
struct AdversarialDefaults {
  long batch = 1;
  long crop = 256;
  std::string loss = "lsgan";
  long critic_steps = 1;
  double weight_clip = 0;
  Norm critic_norm = Norm::kInstance;
};

/// The options that every adversarial training has, then `own`, then colour_count_options().
std::vector<Option> with_adversarial(std::vector<Option> own, const AdversarialDefaults& defaults);

/// What "critic-rate" and the options of the colour count say: the part that all trainings share.
AdversarialSettings shared_settings(const Values& values, const TrainingInputs& inputs);

/// That, and what "gan-loss" says: the part of those whose critics tell real pictures from made ones.
AdversarialSettings game_settings(const Values& values, const TrainingInputs& inputs);

/// What the options of with_adversarial() say.
AdversarialSettings adversarial_settings(const Values& values, const TrainingInputs& inputs);
PatchShape patch_shape(const Values& values, const AdversarialDefaults& defaults);

/// The options of a generator: "generator" (unet or resnet), "width", "depth", "blocks", "dropout",
/// "upsampling".
std::vector<Option> generator_options(const std::string& kind, long width, long depth, long blocks, double dropout);

/// The generator that those options describe, for pictures of `crop` pixels.
/// @throws Error when the crop is no multiple of what the network needs, naming the option that helps.
Network generator_of(const Values& values, std::uint64_t seed, const UnetShape& form = {});

/// How the option "upsampling" wants generators to become larger; and that option.
Enlarging enlarging(const Values& values);
Option upsampling_option();

/// Values as JSON text, for TrainingTask::settings(): every option as it was given or left.
std::string settings_text(const std::string& method, const Values& values, const TrainingInputs& inputs,
                          std::size_t pictures);

}  // namespace atelier::methods
