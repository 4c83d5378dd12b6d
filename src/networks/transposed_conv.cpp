#include "networks/transposed_conv.h"

#include <torch/torch.h>

namespace atelier {
namespace {

/// weight [in, out, k, k] as that of a plain convolution [out · stride², in, m, m], m = ⌈k / stride⌉: result pixel
/// stride·q + p takes the taps m·stride + p of the inputs q − m.
Tensor phase_weight(const Tensor& weight, std::int64_t stride) {
  const auto in = weight.size(0), out = weight.size(1), taps = (weight.size(2) + stride - 1) / stride;
  const auto missing = taps * stride - weight.size(2);
  return torch::constant_pad_nd(weight, {0, missing, 0, missing})
      .reshape({in, out, taps, stride, taps, stride})
      .flip({2, 4})
      .permute({1, 3, 5, 0, 2, 4})
      .reshape({out * stride * stride, in, taps, taps});
}

Tensor by_phases(const Tensor& x, const Tensor& weight, const Tensor& bias, std::int64_t stride) {
  const auto phases = phase_weight(weight, stride);
  const auto offset = bias.defined() ? bias.repeat_interleave(stride * stride) : bias;
  const auto all = torch::pixel_shuffle(torch::conv2d(x, phases, offset, 1, phases.size(2) - 1), stride);
  const auto side = [&](std::int64_t size) { return (size - 1) * stride + weight.size(2); };
  return all.narrow(2, 0, side(x.size(2))).narrow(3, 0, side(x.size(3)));
}

}  // namespace

Tensor transposed_conv(const Tensor& x, const Tensor& weight, const Tensor& bias, std::int64_t stride,
                       std::int64_t groups) {
  const bool refused = x.scalar_type() == torch::kBFloat16 && x.device().is_cpu();
  const bool slow = x.scalar_type() == torch::kFloat && x.device().is_cpu() && !torch::GradMode::is_enabled();
  if (groups == 1 && (refused || slow)) return by_phases(x, weight, bias, stride);
  if (!refused) return torch::conv_transpose2d(x, weight, bias, stride, 0, 0, groups);
  const auto single = [](const Tensor& t) { return t.defined() ? t.to(torch::kFloat) : t; };
  return transposed_conv(single(x), single(weight), single(bias), stride, groups).to(torch::kBFloat16);
}

}  // namespace atelier
