#pragma once
#include <memory>
#include <vector>

#include "methods/options.h"
#include "training/style_training.h"

namespace atelier::methods::sketch_color {

/// Options of `atelier train sketch-color`.
std::vector<Option> training_options();

/// The photos of `inputs` are coloured pictures, whose lines are drawn from them, or the sketches that belong to the
/// pictures of the folder "targets".
/// @throws Error when pairs do not match, or sizes do not fit the networks.
std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs);

}  // namespace atelier::methods::sketch_color
