#include "methods/model_iteration/adversarial/unpaired_training.h"

namespace atelier::methods::dualgan {
namespace {

/// Yi, Zhang, Tan, Gong, ICCV 2017, §3: Wasserstein critics clipped to 0.01 ... 0.1, two to four of their turns for
/// each of the generators, λ between 100 and 1000, batches of one to four; RMSProp at 5·10⁻⁵, which Adam is without its
/// first moment.
UnpairedRecipe recipe() {
  UnpairedRecipe recipe;
  recipe.method = "dualgan";
  recipe.defaults = {.batch = 1, .crop = 256, .loss = "wgan", .critic_steps = 3, .weight_clip = 0.01};
  recipe.cycle_weight = 100;
  recipe.pace = adversarial_pace();
  recipe.pace.learning_rate = 5e-5;
  recipe.pace.decays = {.first = 0, .second = 0.9};
  return recipe;
}

WeightSet tiny_model() {
  const UnetShape shape{.depth = 3, .width = 4};
  return two_way_model("dualgan", unet(1, shape), unet(2, shape));
}

}  // namespace

MethodInfo describe() {
  auto info =
      unpaired_info<recipe>("dualgan",
                            "Yi, Zhang, Tan, Gong: DualGAN: Unsupervised Dual Learning for Image-to-Image "
                            "Translation, ICCV 2017",
                            "from one kind of pictures to another and back without pairs, by U-Nets and Wasserstein "
                            "critics");
  info.tiny_model = tiny_model;
  info.training_options = unpaired_options(recipe(), generator_options("unet", 64, 8, 9, 0.5));
  return info;
}

}  // namespace atelier::methods::dualgan
