#pragma once
#include "tensor/tensor.h"

namespace atelier::losses {

/// A loss and its gradient by the features, in closed form: to be handed to autograd as the gradient of those
/// features (torch::autograd::grad(features, {picture}, gradients)), without a graph of the loss itself.
struct LossGradient {
  double loss = 0;
  Tensor gradient;  ///< as the features; detached
};

}  // namespace atelier::losses
