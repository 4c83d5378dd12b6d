#include "methods/method.h"
#include "methods/model_iteration/adversarial/paint_model.h"
#include "methods/model_iteration/adversarial/pix2pix/train.h"
#include "methods/model_iteration/adversarial/translators.h"
#include "training/adversarial/adversarial_training.h"

namespace atelier::methods::pix2pix {
namespace {

WeightSet tiny_model() { return generator_model(unet(1, {.depth = 3, .width = 4}), "pix2pix"); }

}  // namespace

MethodInfo describe() {
  auto info = translator_info("pix2pix",
                              "Isola, Zhu, Zhou, Efros: Image-to-Image Translation with Conditional Adversarial "
                              "Networks, CVPR 2017",
                              "what a network has learnt from pairs: labels to facades, photos to sketches");
  info.options = {Option::flag("noise", "drop values at random as while learning: another --seed, another result")};
  info.make = [](const Values& values) {
    return make_translator({.method = "pix2pix", .noisy = values.flag("noise")});
  };
  info.tiny_model = tiny_model;
  info.make_training = make_training;
  info.training_options = training_options();
  return info;
}

}  // namespace atelier::methods::pix2pix
