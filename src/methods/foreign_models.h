#pragma once
#include <optional>

#include "weights/weight_set.h"

namespace atelier {

/// Turns a trained style network of another project into a complete style model of ours, with its graph and the
/// method that applies it in the metadata; the entry point for `atelier models import`.
/// @return        nothing when no method knows these weights, or they are a model of ours already.
/// @throws Error  when a method knows the network but it is damaged.
std::optional<WeightSet> import_foreign_model(const WeightSet& weights);

}  // namespace atelier
