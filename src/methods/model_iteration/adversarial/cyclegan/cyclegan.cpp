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
  const ResnetShape shape{.width = 4, .blocks = 1};
  return two_way_model("cyclegan", resnet(1, shape), resnet(2, shape));
}

}  // namespace

MethodInfo describe() {
  auto info =
      unpaired_info<recipe>("cyclegan",
                            "Zhu, Park, Isola, Efros: Unpaired Image-to-Image Translation using Cycle-Consistent "
                            "Adversarial Networks, ICCV 2017",
                            "from one kind of pictures to another and back, learnt from two sets without pairs");
  info.tiny_model = tiny_model;
  info.training_options = unpaired_options(recipe(), generator_options("resnet", 64, 8, 9, 0));
  return info;
}

}  // namespace atelier::methods::cyclegan
