#include "training/adam_update.h"

#include <torch/torch.h>

#include <numeric>

#include "tensor/blocks.h"

namespace atelier {
namespace {

constexpr double kEpsilon = 1e-8;  // Kingma & Ba's default

void by_operations(const AdamTensors& of, const AdamNumbers& numbers) {
  auto [value, gradient, first, second, average] = of;
  gradient = gradient * numbers.gradient_scale;
  first.lerp_(gradient, 1 - numbers.first_decay);
  second.mul_(numbers.second_decay).addcmul_(gradient, gradient, 1 - numbers.second_decay);
  if (numbers.decay > 0) value.mul_(1 - numbers.decay);
  value.addcdiv_(first, (second / numbers.second_bias).sqrt_().add_(kEpsilon), -numbers.rate);
  average.lerp_(value, 1 - numbers.average_decay);
}

[[gnu::optimize("O3")]] void by_values(std::int64_t count, const AdamNumbers& numbers, const float* gradient,
                                       float* value, float* first, float* second, float* average) {
  const auto scale = static_cast<float>(numbers.gradient_scale), rate = static_cast<float>(numbers.rate),
             first_share = static_cast<float>(1 - numbers.first_decay),
             second_decay = static_cast<float>(numbers.second_decay),
             second_share = static_cast<float>(1 - numbers.second_decay),
             unbiased = static_cast<float>(1 / numbers.second_bias), kept = static_cast<float>(1 - numbers.decay),
             average_share = static_cast<float>(1 - numbers.average_decay), epsilon = static_cast<float>(kEpsilon);
  for (std::int64_t i = 0; i < count; ++i) {
    const float g = gradient[i] * scale;
    first[i] += (g - first[i]) * first_share;
    second[i] = second[i] * second_decay + g * g * second_share;
    value[i] = value[i] * kept - rate * first[i] / (__builtin_sqrtf(second[i] * unbiased) + epsilon);
    average[i] += (value[i] - average[i]) * average_share;
  }
}

bool plain_memory(const Tensor& t) { return t.is_cpu() && t.scalar_type() == torch::kFloat && t.is_contiguous(); }

/// In sixteen sums, as many as a processor adds at once.
[[gnu::optimize("O3")]] double squares(const float* values, std::int64_t count) {
  constexpr std::int64_t kLanes = 16;
  double sums[kLanes] = {};
  for (std::int64_t i = 0; i + kLanes <= count; i += kLanes)
    for (std::int64_t lane = 0; lane < kLanes; ++lane)
      sums[lane] += static_cast<double>(values[i + lane]) * static_cast<double>(values[i + lane]);
  for (auto i = count / kLanes * kLanes; i < count; ++i)
    sums[0] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  return std::accumulate(sums, sums + kLanes, 0.0);
}

}  // namespace

void adam_update(const AdamTensors& of, const AdamNumbers& numbers) {
  const torch::NoGradGuard no_grad;
  const auto gradient = of.gradient.contiguous();
  if (!plain_memory(of.value) || !plain_memory(gradient) || !plain_memory(of.first) || !plain_memory(of.second) ||
      !plain_memory(of.average))
    return by_operations(of, numbers);
  for_blocks(gradient, gradient.numel(), [&](std::int64_t first, std::int64_t count) {
    const auto at = [first](const Tensor& t) { return t.data_ptr<float>() + first; };
    by_values(count, numbers, at(gradient), at(of.value), at(of.first), at(of.second), at(of.average));
  });
  of.value.unsafeGetTensorImpl()->bump_version();  // a graph that knew the former value must not be gone back through
}

Tensor sum_of_squares(const Tensor& x) {
  const torch::NoGradGuard no_grad;
  const auto values = x.contiguous();
  if (!plain_memory(values)) return values.square().sum().to(torch::kDouble);
  return sum_of_blocks(values, values.numel(), [&](std::int64_t first, std::int64_t count) {
    return torch::scalar_tensor(squares(values.data_ptr<float>() + first, count), torch::kDouble);
  });
}

}  // namespace atelier
