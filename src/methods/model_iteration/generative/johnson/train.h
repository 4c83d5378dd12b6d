#pragma once
#include <memory>
#include <vector>

#include "methods/options.h"
#include "training/style_training.h"

namespace atelier::methods::johnson {

/// Options of `atelier train johnson`.
std::vector<Option> training_options();

/// One network for the one style of `inputs`. @throws Error when there are several.
std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs);

}  // namespace atelier::methods::johnson
