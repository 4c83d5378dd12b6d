#include "methods/model_iteration/adversarial/unpaired_training.h"

namespace atelier::methods::discogan {
namespace {

/// The generator's form: four halvings and four doublings with nothing that passes them by.
const UnetShape kForm{.skips = false, .dropout_levels = 0, .norm = Norm::kBatch};

/// Kim, Cha, Kim, Lee, Kim, ICML 2017, §2.3 and §3: cross-entropy, mean squares there and back, 64 pixels, batches of
/// 200 with batch norm, a single verdict per picture.
UnpairedRecipe recipe() {
  UnpairedRecipe recipe;
  recipe.method = "discogan";
  recipe.defaults = {.batch = 200, .crop = 64, .loss = "bce", .critic_norm = Norm::kBatch};
  recipe.cycle_weight = 1;
  recipe.squared_cycle = true;
  recipe.pace = adversarial_pace();
  recipe.form = kForm;
  recipe.critic = {.plain = 0, .last_padding = 0, .norm = Norm::kBatch};
  return recipe;
}

WeightSet tiny_model() {
  auto shape = kForm;
  shape.depth = 3;
  shape.width = 4;
  return two_way_model("discogan", unet(1, shape), unet(2, shape));
}

/// Four layers of stride 2 leave 4 × 4 pixels of 64 for the last.
std::vector<Option> options() {
  auto all = unpaired_options(recipe(), generator_options("unet", 64, 4, 9, 0));
  for (auto& option : all) {
    if (option.name == "critic-layers") {
      option.default_value = "4";
      option.help = "the critic's layers of stride 2, which must leave at least 4 pixels of the crop";
    }
    if (option.name == "dropout") option.help = "share of values dropped in the residual network while learning";
  }
  return all;
}

}  // namespace

MethodInfo describe() {
  auto info =
      unpaired_info<recipe>("discogan",
                            "Kim, Cha, Kim, Lee, Kim: Learning to Discover Cross-Domain Relations with Generative "
                            "Adversarial Networks, ICML 2017",
                            "small pictures of one kind to another and back, learnt without pairs; shapes may change");
  info.tiny_model = tiny_model;
  info.training_options = options();
  return info;
}

}  // namespace atelier::methods::discogan
