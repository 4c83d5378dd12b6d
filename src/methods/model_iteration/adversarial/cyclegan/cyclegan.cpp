#include "methods/method.h"
#include "methods/model_iteration/adversarial/paint_model.h"
#include "methods/model_iteration/adversarial/unpaired_training.h"

namespace atelier::methods::cyclegan {
namespace {

/// Zhu, Park, Isola, Efros, ICCV 2017, §4 and appendix 7.1: least squares, λ = 10, identity 0.5 λ (§5.2), a pool of 50
/// pictures, batch of one, 256 pixels cut from 286, Adam 2·10⁻⁴ and 0.5, the rate falling over the second half.
UnpairedRecipe recipe() {
  UnpairedRecipe recipe;
  recipe.method = "cyclegan";
  recipe.cycle_weight = 10;
  recipe.identity_weight = 0.5;
  recipe.pool = 50;
  recipe.pace = adversarial_pace();
  return recipe;
}

WeightSet tiny_model() {
  auto model = generator_model(resnet(1, {.width = 4, .blocks = 1}), "cyclegan");
  add_backward(model, resnet(2, {.width = 4, .blocks = 1}));
  return model;
}

}  // namespace

MethodInfo describe() {
  auto info = translator_info("cyclegan",
                              "Zhu, Park, Isola, Efros: Unpaired Image-to-Image Translation using Cycle-Consistent "
                              "Adversarial Networks, ICCV 2017",
                              "from one kind of pictures to another and back, learnt from two sets without pairs");
  info.options = {direction_option()};
  info.make = [](const Values& values) {
    return make_translator({.method = "cyclegan", .backward = backward(values)});
  };
  info.tiny_model = tiny_model;
  info.make_training = [](const Values& values, const TrainingInputs& inputs) {
    return unpaired_training(recipe(), values, inputs);
  };
  info.training_options = unpaired_options(recipe(), generator_options("resnet", 64, 8, 9, 0));
  return info;
}

}  // namespace atelier::methods::cyclegan
