#pragma once
#include <string>
#include <utility>
#include <vector>

#include "tensor/tensor.h"
#include "weights/weight_set.h"

namespace atelier {

/// One tensor of a weight file as float32, its own memory. @throws Error when it is missing.
Tensor to_float_tensor(const WeightSet& weights, const std::string& name);

/// Tensors (float64, float32, float16, bfloat16, int64) as a WeightSet with its own memory.
WeightSet to_weight_set(const std::vector<std::pair<std::string, Tensor>>& tensors);

}  // namespace atelier
