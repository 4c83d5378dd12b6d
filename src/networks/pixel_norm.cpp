#include "networks/pixel_norm.h"

#include <torch/torch.h>

#include <vector>

#include "atelier/error.h"
#include "networks/pixel_blocks.h"
#include "networks/pixel_moments.h"
#include "tensor/layout.h"
#include "tensor/wide.h"

namespace atelier {
namespace {

template <typename T>
[[gnu::optimize("O3")]] void scale_and_shift(const T* pixels, std::int64_t count, std::int64_t channels,
                                             const Wide<T>* scale, const Wide<T>* shift, T* result) {
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t c = 0; c < channels; ++c)
      result[i * channels + c] = static_cast<T>(static_cast<Wide<T>>(pixels[i * channels + c]) * scale[c] + shift[c]);
}

template <typename T>
Tensor normed(const Tensor& x, const std::vector<Moments>& moments, const Tensor& weight, const Tensor& bias,
              double epsilon, bool overwrite) {
  const auto pictures = x.size(0), channels = x.size(1);
  std::vector<Wide<T>> scales(moments.size()), shifts(moments.size());
  const auto *weights = weight.data_ptr<double>(), *biases = bias.data_ptr<double>();
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const auto at = i % static_cast<std::size_t>(weight.numel());
    const double scale = weights[at] * moments[i].inverse_deviation(epsilon);
    scales[i] = static_cast<Wide<T>>(scale);
    shifts[i] = static_cast<Wide<T>>(biases[at] - moments[i].mean * scale);
  }
  const auto result = overwrite ? x : torch::empty_like(x);
  const PixelBlocks blocks{x.size(2) * x.size(3)};
  blocks.each(pictures, [&](std::int64_t picture, std::int64_t block) {
    const auto first = (picture * blocks.pixels + block * PixelBlocks::kBlock) * channels;
    scale_and_shift(x.data_ptr<T>() + first, blocks.size(block), channels, scales.data() + picture * channels,
                    shifts.data() + picture * channels, result.data_ptr<T>() + first);
  });
  return result;
}

}  // namespace

Tensor norm_by_moments(const Tensor& x, const std::vector<Moments>& moments, const Tensor& weight, const Tensor& bias,
                       double epsilon, bool overwrite) {
  const auto in_double = [](const Tensor& t) { return t.to(torch::kDouble).contiguous(); };
  return AT_DISPATCH_FLOATING_TYPES_AND(torch::kBFloat16, x.scalar_type(), "norm_by_moments", [&] {
    return normed<scalar_t>(x, moments, in_double(weight), in_double(bias), epsilon, overwrite);
  });
}

Tensor norm_of_pixels(const Tensor& pixels, const Tensor& weight, const Tensor& bias, double epsilon, NormOver over,
                      bool overwrite) {
  require(pixels.dim() == 4 && pixels.numel() > 0 && pixels.is_cpu() && is_channels_last(pixels),
          "norm_of_pixels: the pictures must be [N, C, h, w] with channels last, on the processor");
  const auto fits = [&](const Tensor& t) {
    return t.numel() == pixels.size(1) || t.numel() == pixels.size(0) * pixels.size(1);
  };
  require(fits(weight) && weight.numel() == bias.numel(),
          "norm_of_pixels: weight and bias must have a value for each channel, or for each of every picture");
  const torch::NoGradGuard no_grad;
  return norm_by_moments(pixels, moments_of_pixels(pixels, over), weight, bias, epsilon, overwrite);
}

}  // namespace atelier
