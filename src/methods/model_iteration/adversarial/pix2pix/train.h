#pragma once
#include <memory>
#include <vector>

#include "methods/options.h"
#include "training/style_training.h"

namespace atelier::methods::pix2pix {

/// Options of `atelier train pix2pix`.
std::vector<Option> training_options();

/// The photos of `inputs` are side-by-side pictures, or the inputs of the folder "targets".
/// @throws Error when pairs do not match, or sizes do not fit the networks.
std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs);

}  // namespace atelier::methods::pix2pix
