#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <functional>

#include "tensor/tensor.h"

namespace atelier {

/// How far autograd's gradient of `f` is from central differences, max |difference| / max |numeric gradient|
/// (or max |difference| where the numeric gradient is zero).
///
/// Compare with kGradientTolerance (tolerance.h). Keep `at` small: `f` is called twice per value; and keep it off
/// the kinks of `f` (ReLU, max pooling, absolute value).
///
/// @param f   a scalar tensor from a tensor of at's shape; must be pure.
/// @param at  where; converted to double.
inline double gradient_error(const std::function<Tensor(const Tensor&)>& f, const Tensor& at) {
  constexpr double kStep = 1e-5;
  const auto point = at.detach().to(torch::kDouble).clone(at::MemoryFormat::Contiguous).requires_grad_();
  const auto analytic = torch::autograd::grad({f(point)}, {point})[0].contiguous();

  const torch::NoGradGuard no_grad;
  const auto moved = point.detach().clone();
  auto numeric = torch::empty_like(moved);
  double* values = moved.data_ptr<double>();
  for (std::int64_t i = 0; i < moved.numel(); ++i) {
    const double here = values[i];
    values[i] = here + kStep;
    const double above = f(moved).item<double>();
    values[i] = here - kStep;
    const double below = f(moved).item<double>();
    values[i] = here;
    numeric.data_ptr<double>()[i] = (above - below) / (2 * kStep);
  }
  const double largest = numeric.abs().max().item<double>();
  return (analytic - numeric).abs().max().item<double>() / (largest > 0 ? largest : 1);
}

}  // namespace atelier
