#include "methods/method.h"
#include "methods/model_iteration/adversarial/cartoon_training.h"
#include "methods/model_iteration/adversarial/cartoongan/network.h"
#include "methods/model_iteration/adversarial/paint_model.h"
#include "training/adversarial/adversarial_training.h"

namespace atelier::methods::cartoongan {
namespace {

CartoonDefaults defaults() {
  CartoonDefaults defaults;
  defaults.method = "cartoongan";
  defaults.loss = "bce";
  defaults.adversarial = 1;
  defaults.content = 10;
  defaults.generator = [](std::uint64_t seed, double width) { return generator(seed, width); };
  return defaults;
}

WeightSet tiny_model() { return generator_model(generator(1, 0.0625, 1), "cartoongan"); }

}  // namespace

MethodInfo describe() {
  auto info = translator_info(
      "cartoongan", "Chen, Lai, Liu: CartoonGAN: Generative Adversarial Networks for Photo Cartoonization, CVPR 2018",
      "photos as cartoons with clear edges: a residual network learnt against a critic that refuses smoothed edges");
  info.make = [](const Values&) { return make_translator({.method = "cartoongan"}); };
  info.tiny_model = tiny_model;
  info.make_training = [](const Values& values, const TrainingInputs& inputs) {
    return make_cartoon_training(values, inputs, defaults());
  };
  info.training_options = cartoon_training_options(defaults());
  return info;
}

}  // namespace atelier::methods::cartoongan
