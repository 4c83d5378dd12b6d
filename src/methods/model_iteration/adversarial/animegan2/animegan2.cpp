#include "methods/method.h"
#include "methods/model_iteration/adversarial/animegan2/network.h"
#include "methods/model_iteration/adversarial/cartoon_training.h"
#include "methods/model_iteration/adversarial/paint_model.h"
#include "training/adversarial/adversarial_training.h"

namespace atelier::methods::animegan2 {
namespace {

CartoonDefaults defaults() {
  CartoonDefaults defaults;
  defaults.method = "animegan2";
  defaults.adversarial = 1;
  defaults.content = 1.5;
  defaults.grey_style = 2.5;
  defaults.colour = 15;
  defaults.tv = 1;
  defaults.grey = 1;
  defaults.smooth = 0.1;
  defaults.smooth_grey = true;
  defaults.generator = generator;
  return defaults;
}

WeightSet tiny_model() { return generator_model(generator(1, 0.0625), "animegan2"); }

}  // namespace

MethodInfo describe() {
  auto info = translator_info(
      "animegan2", "TachibanaYoshino: AnimeGANv2, 2020 (github.com/TachibanaYoshino/AnimeGANv2)",
      "the second version of animegan: a smaller network with layer norm, fewer artefacts, total variation");
  info.make = [](const Values&) { return make_translator({.method = "animegan2"}); };
  info.tiny_model = tiny_model;
  info.make_training = [](const Values& values, const TrainingInputs& inputs) {
    return make_cartoon_training(values, inputs, defaults());
  };
  info.training_options = cartoon_training_options(defaults());
  return info;
}

}  // namespace atelier::methods::animegan2
