#include "networks/upsample_pixels.h"

#include <torch/torch.h>

#include <vector>

#include "networks/empty_pixels.h"
#include "tensor/wide.h"

namespace atelier {
namespace {

constexpr float kNear = 0.75F, kFar = 0.25F;

/// One result row, between two source rows of pixels of `channels` values each.
template <typename T>
[[gnu::optimize("O3")]] void blend_pixels(const T* near, const T* far, std::int64_t width, std::int64_t channels,
                                          std::vector<Wide<T>>& between, T* result) {
  for (std::int64_t i = 0; i < width * channels; ++i)
    between[static_cast<std::size_t>(i)] = kNear * static_cast<Wide<T>>(near[i]) + kFar * static_cast<Wide<T>>(far[i]);
  for (std::int64_t x = 0; x < width; ++x) {
    const auto* own = between.data() + x * channels;
    const auto* before = x > 0 ? own - channels : own;
    const auto* behind = x + 1 < width ? own + channels : own;
    T* to = result + 2 * x * channels;
    for (std::int64_t c = 0; c < channels; ++c) {
      to[c] = static_cast<T>(kFar * before[c] + kNear * own[c]);
      to[channels + c] = static_cast<T>(kNear * own[c] + kFar * behind[c]);
    }
  }
}

/// What two neighbouring results pass back to their source, and the results before and behind them.
template <typename T, typename U>
[[gnu::optimize("O3")]] void pass_back(const T* before, const T* first, const T* second, const T* behind,
                                       std::int64_t count, U* to) {
  using Real = Wide<T>;
  for (std::int64_t i = 0; i < count; ++i)
    to[i] = static_cast<U>(kNear * (static_cast<Real>(first[i]) + static_cast<Real>(second[i])) +
                           kFar * (static_cast<Real>(before[i]) + static_cast<Real>(behind[i])));
}

}  // namespace

Tensor enlarged_pixels(const Tensor& pixels) {
  const auto channels = pixels.size(1), height = pixels.size(2), width = pixels.size(3);
  const auto result = empty_pixels(pixels, 2 * height, 2 * width);
  AT_DISPATCH_FLOATING_TYPES_AND(torch::kBFloat16, pixels.scalar_type(), "upsample_bilinear_twice", [&] {
    const auto row = width * channels;
    at::parallel_for(0, pixels.size(0) * height, 1, [&](std::int64_t begin, std::int64_t end) {
      std::vector<Wide<scalar_t>> between(static_cast<std::size_t>(row));
      for (auto i = begin; i < end; ++i) {
        const auto* own = pixels.data_ptr<scalar_t>() + i * row;
        auto* to = result.data_ptr<scalar_t>() + i * 4 * row;
        blend_pixels(own, i % height > 0 ? own - row : own, width, channels, between, to);
        blend_pixels(own, i % height + 1 < height ? own + row : own, width, channels, between, to + 2 * row);
      }
    });
  });
  return result;
}

Tensor enlarged_pixels_back(const Tensor& pixels) {
  const auto channels = pixels.size(1), height = pixels.size(2) / 2, width = pixels.size(3) / 2;
  const auto result = empty_pixels(pixels, height, width);
  AT_DISPATCH_FLOATING_TYPES_AND(torch::kBFloat16, pixels.scalar_type(), "upsample_bilinear_twice", [&] {
    const auto row = 2 * width * channels;
    at::parallel_for(0, pixels.size(0) * height, 1, [&](std::int64_t begin, std::int64_t end) {
      std::vector<Wide<scalar_t>> between(static_cast<std::size_t>(row));
      for (auto i = begin; i < end; ++i) {
        const auto* first = pixels.data_ptr<scalar_t>() + i * 2 * row;
        const auto* second = first + row;
        pass_back(i % height > 0 ? first - row : first, first, second, i % height + 1 < height ? second + row : second,
                  row, between.data());
        for (std::int64_t x = 0; x < width; ++x) {
          const auto* own = between.data() + 2 * x * channels;
          const auto* next = own + channels;
          pass_back(x > 0 ? own - channels : own, own, next, x + 1 < width ? next + channels : next, channels,
                    result.data_ptr<scalar_t>() + (i * width + x) * channels);
        }
      }
    });
  });
  return result;
}

}  // namespace atelier
