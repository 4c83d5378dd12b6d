#include "methods/method.h"
#include "methods/model_iteration/adversarial/paint_model.h"
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
  auto model = generator_model(unet(1, {.depth = 3, .width = 4}), "dualgan");
  add_backward(model, unet(2, {.depth = 3, .width = 4}));
  return model;
}

}  // namespace

MethodInfo describe() {
  auto info = translator_info("dualgan",
                              "Yi, Zhang, Tan, Gong: DualGAN: Unsupervised Dual Learning for Image-to-Image "
                              "Translation, ICCV 2017",
                              "from one kind of pictures to another and back without pairs, by U-Nets and Wasserstein "
                              "critics");
  info.options = {direction_option()};
  info.make = [](const Values& values) { return make_translator({.method = "dualgan", .backward = backward(values)}); };
  info.tiny_model = tiny_model;
  info.make_training = [](const Values& values, const TrainingInputs& inputs) {
    return unpaired_training(recipe(), values, inputs);
  };
  info.training_options = unpaired_options(recipe(), generator_options("unet", 64, 8, 9, 0.5));
  return info;
}

}  // namespace atelier::methods::dualgan
