#pragma once
#include <string>

#include "weights/weight_set.h"

namespace atelier::reconstruction {

/// What belongs to one tap ("relu4_1") of a model: an encoder as far as there, or of several decoders the one that
/// starts there, under the names that it has among them. Metadata are kept.
/// @throws Error when the model is neither an encoder nor decoders, or has no such tap.
WeightSet part_of_model(const WeightSet& model, const std::string& tap);

}  // namespace atelier::reconstruction
