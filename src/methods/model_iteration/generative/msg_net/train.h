#pragma once
#include <memory>
#include <vector>

#include "methods/options.h"
#include "training/style_training.h"

namespace atelier::methods::msg_net {

/// Options of `atelier train msg-net`.
std::vector<Option> training_options();

/// One network for all of `inputs.styles`.
std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs);

}  // namespace atelier::methods::msg_net
