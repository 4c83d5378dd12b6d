#include "training/all_finite.h"

#include <torch/torch.h>

#include "tensor/weight_tensor.h"

namespace atelier {

bool all_finite(const WeightSet& weights) {
  for (const auto& [name, tensor] : weights.tensors)
    if (is_floating(tensor.dtype) && !to_float_tensor(weights, name).isfinite().all().item<bool>()) return false;
  return true;
}

}  // namespace atelier
