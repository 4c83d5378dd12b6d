#pragma once
#include "tensor/tensor.h"

namespace atelier {

/// Scalar product summed in double, in blocks of fixed size: as accurate for millions of floats as
/// for ten, and (on the CPU) the same for any number of threads.
/// @throws Error if shapes or types differ.
double scalar_product(const Tensor& a, const Tensor& b);

}  // namespace atelier
