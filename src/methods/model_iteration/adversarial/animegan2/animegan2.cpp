#include "methods/model_iteration/adversarial/animegan2/network.h"
#include "methods/model_iteration/adversarial/cartoon_training.h"

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

}  // namespace

MethodInfo describe() {
  return cartoon_info<defaults>(
      "animegan2", "TachibanaYoshino: AnimeGANv2, 2020 (github.com/TachibanaYoshino/AnimeGANv2)",
      "the second version of animegan: a smaller network with layer norm, fewer artefacts, total variation");
}

}  // namespace atelier::methods::animegan2
