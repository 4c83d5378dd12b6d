#include "methods/method.h"
#include "methods/model_iteration/adversarial/animegan/network.h"
#include "methods/model_iteration/adversarial/cartoon_training.h"
#include "methods/model_iteration/adversarial/paint_model.h"
#include "training/adversarial/adversarial_training.h"

namespace atelier::methods::animegan {
namespace {

CartoonDefaults defaults() {
  CartoonDefaults defaults;
  defaults.method = "animegan";
  defaults.adversarial = 1;
  defaults.content = 1.5;
  defaults.grey_style = 3;
  defaults.colour = 10;
  defaults.grey = 1;
  defaults.smooth = 0.1;
  defaults.smooth_grey = true;
  defaults.generator = generator;
  return defaults;
}

WeightSet tiny_model() { return generator_model(generator(1, 0.0625), "animegan"); }

}  // namespace

MethodInfo describe() {
  auto info = translator_info(
      "animegan", "J. Chen, G. Liu, X. Chen: AnimeGAN: A Novel Lightweight GAN for Photo Animation, ISICA 2019",
      "photos as drawings of a style that was learnt against a critic; strokes from the style, colours from the photo");
  info.make = [](const Values&) { return make_translator({.method = "animegan"}); };
  info.tiny_model = tiny_model;
  info.make_training = [](const Values& values, const TrainingInputs& inputs) {
    return make_cartoon_training(values, inputs, defaults());
  };
  info.training_options = cartoon_training_options(defaults());
  return info;
}

}  // namespace atelier::methods::animegan
