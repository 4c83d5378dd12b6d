#pragma once
#include <memory>
#include <vector>

#include "methods/options.h"
#include "training/style_training.h"

namespace atelier::methods::multimodal {

/// Options of `atelier train multimodal`.
std::vector<Option> training_options();

/// One network for the one style of `inputs`. @throws Error when there are several, or none.
std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs);

}  // namespace atelier::methods::multimodal
