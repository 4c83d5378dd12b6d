#pragma once
#include <string>
#include <vector>

#include "methods/options.h"
#include "training/style_training.h"

namespace atelier::methods {

/// The options that every training of a style network has, and then `own`.
/// @param batch, crop  their defaults.
std::vector<Option> with_style_training(std::vector<Option> own, long batch, long crop);

/// What those options and `inputs` say. @param method  that applies the model.
StyleTrainingOptions style_training_options(const Values& values, const TrainingInputs& inputs,
                                            const std::string& method);

}  // namespace atelier::methods
