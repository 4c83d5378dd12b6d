#pragma once
#include "tensor/tensor.h"

namespace atelier {

/// One parameter and what Adam keeps of it, all of one shape.
struct AdamTensors {
  Tensor value, gradient, first, second, average;
};

/// The numbers of one update; see AdamAverage.
struct AdamNumbers {
  double gradient_scale = 1;  ///< by which the clipped gradient is shorter
  double first_decay = 0.9, second_decay = 0.999;
  double second_bias = 1;  ///< 1 − second_decay to the number of updates
  double rate = 0;         ///< the learning rate, divided by the first moment's bias
  double decay = 0;        ///< of the value itself, before the update: AdamW's learning rate times weight decay
  double average_decay = 0;
};

/// Updates everything but the gradient in place: on the processor in one pass over memory, of which a network of fifty
/// million weights needs a gigabyte; elsewhere by LibTorch's operations.
void adam_update(const AdamTensors& of, const AdamNumbers& numbers);

/// Σ x², in double precision; on the processor it does not depend on the number of threads.
/// @return  a scalar where `x` is.
Tensor sum_of_squares(const Tensor& x);

}  // namespace atelier
