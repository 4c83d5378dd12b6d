#include "tensor/winograd_conv.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>
#include <dnnl.hpp>

#include <algorithm>
#include <array>
#include <cstring>

#include "atelier/error.h"

namespace atelier {
namespace {

constexpr std::int64_t kLanes = 16;
/// Below, what the transforms cost is more than what they save.
constexpr std::int64_t kFewestChannels = 32, kFewestPlaces = 256;
constexpr std::int64_t kTile = 4, kPatch = 6;  ///< sides: of results, and of the inputs that they are made from
constexpr std::int64_t kProducts = kPatch * kPatch;

/// Values of neighbouring channels, in one or more of the processor's registers.
typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float))));

[[gnu::always_inline]] inline void load(Lanes& lanes, const float* from) { std::memcpy(&lanes, from, sizeof lanes); }
[[gnu::always_inline]] inline void store(float* to, const Lanes& lanes) { std::memcpy(to, &lanes, sizeof lanes); }

/// Bᵀ d, of six values.
[[gnu::always_inline]] inline void to_products(const Lanes* d, Lanes* v) {
  const Lanes even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1], difference = d[4] - d[2], twice = 2 * (d[3] - d[1]);
  v[0] = 4 * d[0] - 5 * d[2] + d[4];
  v[1] = even + odd;
  v[2] = even - odd;
  v[3] = difference + twice;
  v[4] = difference - twice;
  v[5] = 4 * d[1] - 5 * d[3] + d[5];
}

/// Aᵀ m, of six values.
[[gnu::always_inline]] inline void to_results(const Lanes* m, Lanes* y) {
  const Lanes sum = m[1] + m[2], difference = m[1] - m[2], far_sum = m[3] + m[4], far_difference = m[3] - m[4];
  y[0] = m[0] + sum + far_sum;
  y[1] = difference + 2 * far_difference;
  y[2] = sum + 4 * far_sum;
  y[3] = difference + 8 * far_difference + m[5];
}

/// G g, of three values.
[[gnu::always_inline]] inline void to_weights(const Lanes* g, Lanes* u) {
  const Lanes ends = g[0] + g[2], far_ends = g[0] + 4 * g[2];
  u[0] = g[0] / 4;
  u[1] = (ends + g[1]) / -6;
  u[2] = (ends - g[1]) / -6;
  u[3] = (far_ends + 2 * g[1]) / 24;
  u[4] = (far_ends - 2 * g[1]) / 24;
  u[5] = g[2];
}

/// Bᵀ d B for all channels. @param pixels  36, row by row. @param products  36 runs of channels, `step` apart.
[[gnu::always_inline]] inline void transform_patch_by_lanes(const float* const* pixels, std::int64_t channels,
                                                            float* products, std::int64_t step) {
  for (std::int64_t c = 0; c < channels; c += kLanes) {
    Lanes half[kPatch][kPatch], line[kPatch], made[kPatch];
    for (int x = 0; x < kPatch; ++x) {
      for (int y = 0; y < kPatch; ++y) load(line[y], pixels[y * kPatch + x] + c);
      to_products(line, made);
      for (int y = 0; y < kPatch; ++y) half[y][x] = made[y];
    }
    for (int y = 0; y < kPatch; ++y) {
      to_products(half[y], made);
      for (int x = 0; x < kPatch; ++x) store(products + (y * kPatch + x) * step + c, made[x]);
    }
  }
}

/// Aᵀ m A + bias for all channels. @param pixels  16, row by row; null for those beyond the picture's edge.
[[gnu::always_inline]] inline void transform_tile_by_lanes(const float* products, std::int64_t step,
                                                           std::int64_t channels, const float* bias,
                                                           Rectified rectified, float* const* pixels) {
  for (std::int64_t c = 0; c < channels; c += kLanes) {
    Lanes half[kTile][kPatch], line[kPatch], made[kTile], offset;
    load(offset, bias + c);
    for (int x = 0; x < kPatch; ++x) {
      for (int y = 0; y < kPatch; ++y) load(line[y], products + (y * kPatch + x) * step + c);
      to_results(line, made);
      for (int y = 0; y < kTile; ++y) half[y][x] = made[y];
    }
    for (int y = 0; y < kTile; ++y) {
      to_results(half[y], made);
      for (int x = 0; x < kTile; ++x) {
        float* const pixel = pixels[y * kTile + x];
        if (pixel == nullptr) continue;
        made[x] += offset;
        if (rectified == Rectified::kYes)
          for (int lane = 0; lane < kLanes; ++lane) made[x][lane] = std::max(made[x][lane], 0.0F);
        store(pixel + c, made[x]);
      }
    }
  }
}

/// G g Gᵀ for some lanes of the nine planes of weights, `plane` apart; the 36 of results are as far apart.
[[gnu::always_inline]] inline void transform_weights_by_lanes(const float* planes, std::int64_t plane,
                                                              std::int64_t first, std::int64_t last, float* result) {
  for (auto i = first; i < last; i += kLanes) {
    Lanes half[kPatch][3], line[3], made[kPatch];
    for (int x = 0; x < 3; ++x) {
      for (int y = 0; y < 3; ++y) load(line[y], planes + (y * 3 + x) * plane + i);
      to_weights(line, made);
      for (int y = 0; y < kPatch; ++y) half[y][x] = made[y];
    }
    for (int y = 0; y < kPatch; ++y) {
      to_weights(half[y], made);
      for (int x = 0; x < kPatch; ++x) store(result + (y * kPatch + x) * plane + i, made[x]);
    }
  }
}

/// The transforms in the processor's widest instructions.
struct Transforms {
  void (*patch)(const float* const* pixels, std::int64_t channels, float* products, std::int64_t step);
  void (*tile)(const float* products, std::int64_t step, std::int64_t channels, const float* bias, Rectified rectified,
               float* const* pixels);
  void (*weights)(const float* planes, std::int64_t plane, std::int64_t first, std::int64_t last, float* result);
};

#define ATELIER_TRANSFORMS(name, attribute)                                                                        \
  struct name {                                                                                                    \
    attribute static void patch(const float* const* pixels, std::int64_t channels, float* products,                \
                                std::int64_t step) {                                                               \
      transform_patch_by_lanes(pixels, channels, products, step);                                                  \
    }                                                                                                              \
    attribute static void tile(const float* products, std::int64_t step, std::int64_t channels, const float* bias, \
                               Rectified rectified, float* const* pixels) {                                        \
      transform_tile_by_lanes(products, step, channels, bias, rectified, pixels);                                  \
    }                                                                                                              \
    attribute static void weights(const float* planes, std::int64_t plane, std::int64_t first, std::int64_t last,  \
                                  float* result) {                                                                 \
      transform_weights_by_lanes(planes, plane, first, last, result);                                              \
    }                                                                                                              \
  }

ATELIER_TRANSFORMS(Plain, );
#ifdef __x86_64__
ATELIER_TRANSFORMS(Avx2, [[gnu::target("avx2,fma")]]);
ATELIER_TRANSFORMS(Avx512, [[gnu::target("avx512f")]]);
#endif
#undef ATELIER_TRANSFORMS

const Transforms& transforms() {
  static const Transforms widest = [] {
#ifdef __x86_64__
    const auto isa = dnnl::get_effective_cpu_isa();
    if (isa >= dnnl::cpu_isa::avx512_core) return Transforms{Avx512::patch, Avx512::tile, Avx512::weights};
    if (isa >= dnnl::cpu_isa::avx2) return Transforms{Avx2::patch, Avx2::tile, Avx2::weights};
#endif
    return Transforms{Plain::patch, Plain::tile, Plain::weights};
  }();
  return widest;
}

std::int64_t rounded_up(std::int64_t value, std::int64_t unit) { return (value + unit - 1) / unit; }

/// A square of pixels of a picture that has the sides of `pictures`, channels last, row by row from (top, left) on;
/// `beyond` for those outside.
template <std::int64_t kSide, typename Value>
std::array<Value*, kSide * kSide> square_of(Value* picture, const Tensor& pictures, std::int64_t top, std::int64_t left,
                                            Value* beyond) {
  const auto channels = pictures.size(1), height = pictures.size(2), width = pictures.size(3);
  std::array<Value*, kSide * kSide> pixels;
  for (std::int64_t i = 0; i < kSide * kSide; ++i) {
    const auto row = top + i / kSide, column = left + i % kSide;
    const bool inside = row >= 0 && row < height && column >= 0 && column < width;
    pixels[i] = inside ? picture + (row * width + column) * channels : beyond;
  }
  return pixels;
}

/// One convolution, divided into blocks of tiles whose transforms stay in the cache. Blocks do not depend on the number
/// of threads, and there are at least two: a single one would be multiplied by all threads.
class Convolution {
 public:
  Convolution(const Tensor& x, const Tensor& weights, const Tensor& bias, std::int64_t zeros, Rectified rectified)
      : x_(x),
        weights_(weights),
        bias_(bias.defined() ? bias.contiguous() : torch::zeros({weights.size(2)})),
        nothing_(torch::zeros({x.size(1)})),
        zeros_(zeros),
        rectified_(rectified),
        result_(torch::empty({x.size(0), weights.size(2), x.size(2) + 2 * zeros - 2, x.size(3) + 2 * zeros - 2},
                             x.options().memory_format(torch::MemoryFormat::ChannelsLast))),
        columns_(rounded_up(result_.size(3), kTile)),
        tiles_(columns_ * rounded_up(result_.size(2), kTile)) {
    constexpr std::int64_t kInCache = 192;  // channels of which 64 tiles fit a core's own cache
    const std::int64_t most = std::max(x.size(1), weights.size(2)) <= kInCache ? 64 : 32;
    block_ = std::min(most, std::max<std::int64_t>(rounded_up(tiles_, 2), 1));
  }

  Tensor run() {
    const auto per_picture = rounded_up(tiles_, block_);
    at::parallel_for(0, x_.size(0) * per_picture, 1, [&](std::int64_t begin, std::int64_t end) {
      const auto in = torch::empty({kProducts, block_, x_.size(1)}),
                 out = torch::empty({kProducts, block_, channels()});
      for (auto i = begin; i < end; ++i) block(i / per_picture, i % per_picture * block_, in, out);
    });
    return result_;
  }

 private:
  std::int64_t channels() const { return weights_.size(2); }

  void block(std::int64_t picture, std::int64_t first, const Tensor& in, const Tensor& out) const {
    const auto count = std::min(block_, tiles_ - first), before = x_.size(1), after = channels();
    const auto* source = x_.data_ptr<float>() + picture * x_.size(2) * x_.size(3) * before;
    auto* target = result_.data_ptr<float>() + picture * result_.size(2) * result_.size(3) * after;
    const auto* nothing = nothing_.data_ptr<float>();
    auto *patches = in.data_ptr<float>(), *tiles = out.data_ptr<float>();
    for (std::int64_t i = 0; i < count; ++i) {
      const auto pixels = square_of<kPatch>(source, x_, top(first + i) - zeros_, left(first + i) - zeros_, nothing);
      transforms().patch(pixels.data(), before, patches + i * before, block_ * before);
    }
    for (std::int64_t i = 0; i < kProducts; ++i)
      dnnl_sgemm('N', 'N', count, after, before, 1, patches + i * block_ * before, before,
                 weights_.data_ptr<float>() + i * before * after, after, 0, tiles + i * block_ * after, after);
    for (std::int64_t i = 0; i < count; ++i) {
      const auto pixels = square_of<kTile, float>(target, result_, top(first + i), left(first + i), nullptr);
      transforms().tile(tiles + i * after, block_ * after, after, bias_.data_ptr<float>(), rectified_, pixels.data());
    }
  }

  std::int64_t top(std::int64_t tile) const { return tile / columns_ * kTile; }
  std::int64_t left(std::int64_t tile) const { return tile % columns_ * kTile; }

  Tensor x_, weights_, bias_, nothing_;
  std::int64_t zeros_;
  Rectified rectified_;
  Tensor result_;
  std::int64_t columns_, tiles_, block_ = 1;
};

}  // namespace

bool winograd_pays(std::int64_t batch, std::int64_t in, std::int64_t out, std::int64_t height, std::int64_t width) {
  static const bool available = dnnl::get_effective_cpu_isa() >= dnnl::cpu_isa::avx2;
  return available && std::min(in, out) >= kFewestChannels && in % kLanes == 0 && out % kLanes == 0 &&
         std::min(height, width) >= kPatch && batch * height * width >= kFewestPlaces;
}

Tensor winograd_weights(const Tensor& weights) {
  require(weights.dim() == 4 && weights.size(2) == 3 && weights.size(3) == 3 &&
              weights.size(0) * weights.size(1) % kLanes == 0,
          "winograd_weights: the weights must be [out, in, 3, 3] for multiples of 16 channels; check what is passed");
  const auto planes = weights.detach().to(torch::kFloat).permute({2, 3, 1, 0}).contiguous();
  const auto plane = weights.size(0) * weights.size(1);
  auto result = torch::empty({kProducts, weights.size(1), weights.size(0)});
  at::parallel_for(0, plane / kLanes, 256, [&](std::int64_t begin, std::int64_t end) {
    transforms().weights(planes.data_ptr<float>(), plane, begin * kLanes, end * kLanes, result.data_ptr<float>());
  });
  return result;
}

Tensor winograd_conv(const Tensor& x, const Tensor& weights, const Tensor& bias, std::int64_t zeros,
                     Rectified rectified) {
  require(x.dim() == 4 && x.scalar_type() == torch::kFloat && x.is_contiguous(torch::MemoryFormat::ChannelsLast) &&
              weights.dim() == 3 && x.size(1) == weights.size(1) && x.size(1) % kLanes == 0 &&
              weights.size(2) % kLanes == 0 && std::min(x.size(2), x.size(3)) + 2 * zeros >= 3,
          "winograd_conv: the picture must be [N, in, H, W] with channels last and fit the weights; "
          "check what is passed");
  return Convolution(x.detach(), weights, bias.defined() ? bias.detach() : bias, zeros, rectified).run();
}

}  // namespace atelier
