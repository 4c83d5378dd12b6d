#include "methods/foreign_models.h"

#include "methods/method.h"

namespace atelier {

std::optional<WeightSet> import_foreign_model(const WeightSet& weights) {
  if (weights.metadata.contains("graph")) return std::nullopt;
  for (const auto& method : all_methods()) {
    if (method.import_model == nullptr) continue;
    if (auto model = method.import_model(weights)) return model;
  }
  return std::nullopt;
}

}  // namespace atelier
