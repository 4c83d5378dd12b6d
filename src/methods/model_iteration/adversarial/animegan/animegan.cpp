#include "methods/model_iteration/adversarial/animegan/network.h"
#include "methods/model_iteration/adversarial/cartoon_training.h"

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

}  // namespace

MethodInfo describe() {
  return cartoon_info<defaults>(
      "animegan", "J. Chen, G. Liu, X. Chen: AnimeGAN: A Novel Lightweight GAN for Photo Animation, ISICA 2019",
      "photos as drawings of a style that was learnt against a critic; strokes from the style, colours from the photo");
}

}  // namespace atelier::methods::animegan
