#include "methods/foreign_models.h"

#include "methods/model_iteration/generative/johnson/network.h"

namespace atelier {

std::optional<WeightSet> import_foreign_model(const WeightSet& weights) {
  if (weights.metadata.contains("graph")) return std::nullopt;
  return methods::johnson::import_johnson(weights);
}

}  // namespace atelier
