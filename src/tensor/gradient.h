#pragma once
#include <c10/core/GradMode.h>

#include "tensor/tensor.h"

namespace atelier {

/// Whether what is computed from `tensor` here and now must lead a gradient back to it.
inline bool wants_gradient(const Tensor& tensor) { return c10::GradMode::is_enabled() && tensor.requires_grad(); }

}  // namespace atelier
