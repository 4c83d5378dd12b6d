#include "methods/model_iteration/adversarial/cartoon_training.h"
#include "methods/model_iteration/adversarial/cartoongan/network.h"
#include "methods/model_iteration/adversarial/cartoongan/white_box.h"

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

}  // namespace

MethodInfo describe() {
  auto info = cartoon_info<defaults>(
      "cartoongan", "Chen, Lai, Liu: CartoonGAN: Generative Adversarial Networks for Photo Cartoonization, CVPR 2018",
      "photos as cartoons with clear edges: a residual network learnt against a critic that refuses smoothed edges");
  info.import_model = import_white_box;
  return info;
}

}  // namespace atelier::methods::cartoongan
