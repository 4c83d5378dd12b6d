#pragma once
#include <memory>
#include <vector>

#include "methods/options.h"
#include "training/style_training.h"

namespace atelier::methods::content_gan {

/// Options of `atelier train content-gan`.
std::vector<Option> training_options();

/// One of the two forms: digits from codes (the photos of `inputs` are the digits), or pictures like those of "targets"
/// from photos. @throws Error when a folder holds no picture, or the options do not fit the form.
std::unique_ptr<TrainingTask> make_training(const Values& values, const TrainingInputs& inputs);

/// Codes as both training and projection draw them: normal, [count, 100, 1, 1].
Tensor draw_codes(std::int64_t count, std::uint64_t seed);

}  // namespace atelier::methods::content_gan
