#include "networks/pixel_norm.h"

#include <torch/torch.h>

#include <cmath>
#include <vector>

#include "atelier/error.h"
#include "tensor/layout.h"
#include "tensor/wide.h"

namespace atelier {
namespace {

constexpr std::int64_t kBlock = 512;  // pixels: what a core's second-level cache holds of them

/// Number, mean and summed squared deviations of values.
struct Moments {
  double count = 0, mean = 0, squares = 0;

  /// Of both together (Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm …", 1979).
  void add(const Moments& other) {
    const double all = count + other.count, apart = other.mean - mean;
    squares += other.squares + apart * apart * count * other.count / all;
    mean += apart * other.count / all;
    count = all;
  }
};

/// The moments of each channel over `count` pixels.
template <typename T>
[[gnu::optimize("O3")]] void measure(const T* pixels, std::int64_t count, std::int64_t channels, Moments* moments) {
  std::vector<Wide<T>> means(static_cast<std::size_t>(channels)), squares(means.size());
  auto* mean = means.data();
  auto* square = squares.data();
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t c = 0; c < channels; ++c) mean[c] += static_cast<Wide<T>>(pixels[i * channels + c]);
  for (std::int64_t c = 0; c < channels; ++c) mean[c] /= static_cast<Wide<T>>(count);
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t c = 0; c < channels; ++c) {
      const auto apart = static_cast<Wide<T>>(pixels[i * channels + c]) - mean[c];
      square[c] += apart * apart;
    }
  for (std::int64_t c = 0; c < channels; ++c) moments[c] = {static_cast<double>(count), mean[c], square[c]};
}

template <typename T>
[[gnu::optimize("O3")]] void scale_and_shift(const T* pixels, std::int64_t count, std::int64_t channels,
                                             const Wide<T>* scale, const Wide<T>* shift, T* result) {
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t c = 0; c < channels; ++c)
      result[i * channels + c] = static_cast<T>(static_cast<Wide<T>>(pixels[i * channels + c]) * scale[c] + shift[c]);
}

/// The blocks of one picture.
struct Blocks {
  std::int64_t pixels;

  std::int64_t count() const { return (pixels + kBlock - 1) / kBlock; }
  std::int64_t size(std::int64_t block) const { return std::min(kBlock, pixels - block * kBlock); }

  /// Calls work(picture, block) on all threads.
  template <typename Work>
  void each(std::int64_t pictures, const Work& work) const {
    at::parallel_for(0, pictures * count(), 8, [&](std::int64_t begin, std::int64_t end) {
      for (auto i = begin; i < end; ++i) work(i / count(), i % count());
    });
  }
};

/// [N · C] moments, those of all channels being the same where they are taken over all.
template <typename T>
std::vector<Moments> moments_of(const Tensor& x, NormOver over) {
  const auto pictures = x.size(0), channels = x.size(1);
  const Blocks blocks{x.size(2) * x.size(3)};
  std::vector<Moments> parts(static_cast<std::size_t>(pictures * blocks.count() * channels));
  blocks.each(pictures, [&](std::int64_t picture, std::int64_t block) {
    measure(x.data_ptr<T>() + (picture * blocks.pixels + block * kBlock) * channels, blocks.size(block), channels,
            parts.data() + (picture * blocks.count() + block) * channels);
  });
  std::vector<Moments> all(static_cast<std::size_t>(pictures * channels));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto channel = static_cast<std::int64_t>(i) % channels,
               picture = static_cast<std::int64_t>(i) / (channels * blocks.count());
    all[static_cast<std::size_t>(picture * channels + channel)].add(parts[i]);
  }
  if (over == NormOver::kChannel) return all;
  for (auto first = all.begin(); first != all.end(); first += channels) {
    auto whole = *first;
    for (auto i = first + 1; i != first + channels; ++i) whole.add(*i);
    std::fill(first, first + channels, whole);
  }
  return all;
}

template <typename T>
Tensor normed(const Tensor& x, const Tensor& weight, const Tensor& bias, double epsilon, NormOver over,
              bool overwrite) {
  const auto pictures = x.size(0), channels = x.size(1);
  const auto moments = moments_of<T>(x, over);
  std::vector<Wide<T>> scales(moments.size()), shifts(moments.size());
  const auto *weights = weight.data_ptr<double>(), *biases = bias.data_ptr<double>();
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const auto at = i % static_cast<std::size_t>(weight.numel());
    const double scale = weights[at] / std::sqrt(moments[i].squares / moments[i].count + epsilon);
    scales[i] = static_cast<Wide<T>>(scale);
    shifts[i] = static_cast<Wide<T>>(biases[at] - moments[i].mean * scale);
  }
  const auto result = overwrite ? x : torch::empty_like(x);
  const Blocks blocks{x.size(2) * x.size(3)};
  blocks.each(pictures, [&](std::int64_t picture, std::int64_t block) {
    const auto first = (picture * blocks.pixels + block * kBlock) * channels;
    scale_and_shift(x.data_ptr<T>() + first, blocks.size(block), channels, scales.data() + picture * channels,
                    shifts.data() + picture * channels, result.data_ptr<T>() + first);
  });
  return result;
}

}  // namespace

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
  const auto in_double = [](const Tensor& t) { return t.to(torch::kDouble).contiguous(); };
  return AT_DISPATCH_FLOATING_TYPES_AND(torch::kBFloat16, pixels.scalar_type(), "norm_of_pixels", [&] {
    return normed<scalar_t>(pixels, in_double(weight), in_double(bias), epsilon, over, overwrite);
  });
}

}  // namespace atelier
