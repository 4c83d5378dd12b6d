#pragma once
#include <memory>
#include <vector>

#include "methods/options.h"
#include "training/style_training.h"

namespace atelier::methods::mgan {

/// Options of `atelier train mgan`.
std::vector<Option> training_options();

/// One generator for the styles of `inputs`, taken as one texture. @throws Error when there are none.
std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs);

}  // namespace atelier::methods::mgan
