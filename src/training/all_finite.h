#pragma once
#include "weights/weight_set.h"

namespace atelier {

/// Whether every floating-point value of `weights` is a finite number.
bool all_finite(const WeightSet& weights);

}  // namespace atelier
