#pragma once
#include <memory>
#include <vector>

#include "methods/options.h"
#include "training/style_training.h"

namespace atelier::methods::texture_net {

/// Options of `atelier train texture-net`.
std::vector<Option> training_options();

/// One generator for the one style of `inputs`. @throws Error when there are several.
std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs);

}  // namespace atelier::methods::texture_net
