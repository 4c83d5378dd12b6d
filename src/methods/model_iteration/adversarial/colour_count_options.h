#pragma once
#include <vector>

#include "methods/options.h"
#include "training/adversarial/colour_count_term.h"

namespace atelier::methods {

/// The options "color-count-loss" and "color-count", for any adversarial training.
std::vector<Option> colour_count_options(double weight = 0);

/// What they say.
ColourCountSettings colour_count_settings(const Values& values);

}  // namespace atelier::methods
