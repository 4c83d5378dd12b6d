#include "networks/pixel_moments.h"

#include <torch/torch.h>

#include <cmath>

#include "networks/pixel_blocks.h"
#include "tensor/wide.h"

namespace atelier {
namespace {

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

/// [N · blocks · C]
template <typename T>
std::vector<Moments> of_blocks(const Tensor& x, const PixelBlocks& blocks) {
  const auto pictures = x.size(0), channels = x.size(1);
  std::vector<Moments> parts(static_cast<std::size_t>(pictures * blocks.count() * channels));
  blocks.each(pictures, [&](std::int64_t picture, std::int64_t block) {
    measure(x.data_ptr<T>() + (picture * blocks.pixels + block * PixelBlocks::kBlock) * channels, blocks.size(block),
            channels, parts.data() + (picture * blocks.count() + block) * channels);
  });
  return parts;
}

}  // namespace

void Moments::add(const Moments& other) {
  const double all = count + other.count, apart = other.mean - mean;
  squares += other.squares + apart * apart * count * other.count / all;
  mean += apart * other.count / all;
  count = all;
}

double Moments::inverse_deviation(double epsilon) const { return 1 / std::sqrt(squares / count + epsilon); }

std::vector<Moments> moments_of_pixels(const Tensor& x, NormOver over) {
  const auto pictures = x.size(0), channels = x.size(1);
  const PixelBlocks blocks{x.size(2) * x.size(3)};
  const auto parts = AT_DISPATCH_FLOATING_TYPES_AND(torch::kBFloat16, x.scalar_type(), "moments_of_pixels",
                                                    [&] { return of_blocks<scalar_t>(x, blocks); });
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

}  // namespace atelier
