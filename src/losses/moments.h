#pragma once
#include "tensor/tensor.h"

namespace atelier::losses {

/// Mean and standard deviation of each channel over the pixels, [N, C] each.
struct Moments {
  Tensor mean;
  Tensor deviation;  ///< √(variance + 1e-10), variance over H·W: differentiable for constant channels too
};

/// @param features  [N, C, H, W], floating point.
/// @throws Error    if `features` is not 4-D or has no pixels.
Moments moments(const Tensor& features);

/// Style as batch-norm statistics: 1/C Σ ((μ − μ')² + (σ − σ')²), averaged over the batch.
///
/// Paper: Li, Wang, Liu, Hou, "Demystifying Neural Style Transfer", IJCAI 2017 (batch-norm statistics).
///
/// @param features  [N, C, H, W].
/// @param target    [1 or N, C] each, detached; compute it once with moments().
/// @return          scalar, units of feature².
/// @throws Error    if the channel counts differ.
Tensor moments_loss(const Tensor& features, const Moments& target);

}  // namespace atelier::losses
