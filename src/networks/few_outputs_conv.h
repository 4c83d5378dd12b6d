#pragma once
#include <cstdint>

#include "tensor/tensor.h"

namespace atelier {

/// Whether few_outputs_conv() is the faster way: up to four results for each pixel of `x`, from kernels wider than one.
bool suits_few_outputs(const Tensor& x, const Tensor& weight);

/// conv2d(x, weight, bias, stride 1, padding `zeros`), for painting. Processors multiply by sixteen outputs at once, of
/// which three colours leave thirteen idle; here four neighbouring pixels are computed as the outputs of one kernel
/// that is three pixels wider, in steps of four.
/// @param x  [N, in, H, W] with channels last, as the result has them.
Tensor few_outputs_conv(const Tensor& x, const Tensor& weight, const Tensor& bias, std::int64_t zeros);

}  // namespace atelier
