#include "tensor/winograd_transforms.h"

#include <algorithm>
#include <cstring>
#include <dnnl.hpp>

namespace atelier {
namespace {

constexpr auto kLanes = WinogradTransforms::kLanes;
constexpr int kTile = WinogradTransforms::kTile, kPatch = WinogradTransforms::kPatch, kKernel = 3;

/// Values of neighbouring channels, in one or more of the processor's registers.
typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float))));

#define ATELIER_INLINE [[gnu::always_inline]] inline

ATELIER_INLINE void load(Lanes& lanes, const float* from) { std::memcpy(&lanes, from, sizeof lanes); }
ATELIER_INLINE void store(float* to, const Lanes& lanes) { std::memcpy(to, &lanes, sizeof lanes); }

/// Bᵀ d, of six values.
struct ToProducts {
  ATELIER_INLINE void operator()(const Lanes* d, Lanes* v) const {
    const Lanes even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1], difference = d[4] - d[2], twice = 2 * (d[3] - d[1]);
    v[0] = 4 * d[0] - 5 * d[2] + d[4];
    v[1] = even + odd;
    v[2] = even - odd;
    v[3] = difference + twice;
    v[4] = difference - twice;
    v[5] = 4 * d[1] - 5 * d[3] + d[5];
  }
};

/// Aᵀ m, of six values.
struct ToResults {
  ATELIER_INLINE void operator()(const Lanes* m, Lanes* y) const {
    const Lanes sum = m[1] + m[2], difference = m[1] - m[2], far_sum = m[3] + m[4], far_difference = m[3] - m[4];
    y[0] = m[0] + sum + far_sum;
    y[1] = difference + 2 * far_difference;
    y[2] = sum + 4 * far_sum;
    y[3] = difference + 8 * far_difference + m[5];
  }
};

/// A y, of four values.
struct ResultsBack {
  ATELIER_INLINE void operator()(const Lanes* y, Lanes* v) const {
    const Lanes even = y[0] + y[2], odd = y[1] + y[3], far_even = y[0] + 4 * y[2], far_odd = 2 * y[1] + 8 * y[3];
    v[0] = y[0];
    v[1] = even + odd;
    v[2] = even - odd;
    v[3] = far_even + far_odd;
    v[4] = far_even - far_odd;
    v[5] = y[3];
  }
};

/// G g, of three values.
struct ToWeights {
  ATELIER_INLINE void operator()(const Lanes* g, Lanes* u) const {
    const Lanes ends = g[0] + g[2], far_ends = g[0] + 4 * g[2];
    u[0] = g[0] / 4;
    u[1] = (ends + g[1]) / -6;
    u[2] = (ends - g[1]) / -6;
    u[3] = (far_ends + 2 * g[1]) / 24;
    u[4] = (far_ends - 2 * g[1]) / 24;
    u[5] = g[2];
  }
};

/// Gᵀ m, of six values.
struct WeightsBack {
  ATELIER_INLINE void operator()(const Lanes* m, Lanes* g) const {
    const Lanes sum = (m[1] + m[2]) / 6, far_sum = (m[3] + m[4]) / 24;
    g[0] = m[0] / 4 - sum + far_sum;
    g[1] = (m[2] - m[1]) / 6 + (m[3] - m[4]) / 12;
    g[2] = 4 * far_sum - sum + m[5];
  }
};

/// `map` along the columns and along the rows of a square. @param get  (lanes, row, column). @param put  the same.
template <int kFrom, int kTo, typename Map, typename Get, typename Put>
ATELIER_INLINE void in_both_directions(const Map& map, const Get& get, const Put& put) {
  Lanes half[kTo][kFrom], line[kFrom], made[kTo];
  for (int x = 0; x < kFrom; ++x) {
    for (int y = 0; y < kFrom; ++y) get(line[y], y, x);
    map(line, made);
    for (int y = 0; y < kTo; ++y) half[y][x] = made[y];
  }
  for (int y = 0; y < kTo; ++y) {
    map(half[y], made);
    for (int x = 0; x < kTo; ++x) put(made[x], y, x);
  }
}

template <int kFrom, typename Map>
ATELIER_INLINE void pixels_to_products(const float* const* pixels, std::int64_t channels, float* products,
                                       std::int64_t step) {
  for (std::int64_t c = 0; c < channels; c += kLanes)
    in_both_directions<kFrom, kPatch>(
        Map(), [&](Lanes& to, int y, int x) { load(to, pixels[y * kFrom + x] + c); },
        [&](const Lanes& from, int y, int x) { store(products + (y * kPatch + x) * step + c, from); });
}

ATELIER_INLINE void products_to_pixels(const float* products, std::int64_t step, std::int64_t channels,
                                       const float* bias, Rectified rectified, float* const* pixels) {
  for (std::int64_t c = 0; c < channels; c += kLanes) {
    Lanes offset;
    load(offset, bias + c);
    in_both_directions<kPatch, kTile>(
        ToResults(), [&](Lanes& to, int y, int x) { load(to, products + (y * kPatch + x) * step + c); },
        [&](Lanes& from, int y, int x) {
          float* const pixel = pixels[y * kTile + x];
          if (pixel == nullptr) return;
          from += offset;
          if (rectified == Rectified::kYes)
            for (int lane = 0; lane < kLanes; ++lane) from[lane] = std::max(from[lane], 0.0F);
          store(pixel + c, from);
        });
  }
}

template <int kFrom, int kTo, typename Map>
ATELIER_INLINE void planes_to_planes(const float* planes, std::int64_t plane, std::int64_t first, std::int64_t last,
                                     float* result) {
  for (auto i = first; i < last; i += kLanes)
    in_both_directions<kFrom, kTo>(
        Map(), [&](Lanes& to, int y, int x) { load(to, planes + (y * kFrom + x) * plane + i); },
        [&](const Lanes& from, int y, int x) { store(result + (y * kTo + x) * plane + i, from); });
}

#define ATELIER_TRANSFORMS(name, attribute)                                                                            \
  struct name {                                                                                                        \
    attribute static void patch(const float* const* pixels, std::int64_t channels, float* products,                    \
                                std::int64_t step) {                                                                   \
      pixels_to_products<kPatch, ToProducts>(pixels, channels, products, step);                                        \
    }                                                                                                                  \
    attribute static void spread(const float* const* pixels, std::int64_t channels, float* products,                   \
                                 std::int64_t step) {                                                                  \
      pixels_to_products<kTile, ResultsBack>(pixels, channels, products, step);                                        \
    }                                                                                                                  \
    attribute static void tile(const float* products, std::int64_t step, std::int64_t channels, const float* bias,     \
                               Rectified rectified, float* const* pixels) {                                            \
      products_to_pixels(products, step, channels, bias, rectified, pixels);                                           \
    }                                                                                                                  \
    attribute static void weights(const float* planes, std::int64_t plane, std::int64_t first, std::int64_t last,      \
                                  float* result) {                                                                     \
      planes_to_planes<kKernel, kPatch, ToWeights>(planes, plane, first, last, result);                                \
    }                                                                                                                  \
    attribute static void weights_back(const float* planes, std::int64_t plane, std::int64_t first, std::int64_t last, \
                                       float* result) {                                                                \
      planes_to_planes<kPatch, kKernel, WeightsBack>(planes, plane, first, last, result);                              \
    }                                                                                                                  \
    static WinogradTransforms all() { return {patch, spread, tile, weights, weights_back}; }                           \
  }

ATELIER_TRANSFORMS(Plain, );
#ifdef __x86_64__
ATELIER_TRANSFORMS(Avx2, [[gnu::target("avx2,fma")]]);
ATELIER_TRANSFORMS(Avx512, [[gnu::target("avx512f")]]);
#endif
#undef ATELIER_TRANSFORMS
#undef ATELIER_INLINE

}  // namespace

const WinogradTransforms& winograd_transforms() {
  static const WinogradTransforms widest = [] {
#ifdef __x86_64__
    const auto isa = dnnl::get_effective_cpu_isa();
    if (isa >= dnnl::cpu_isa::avx512_core) return Avx512::all();
    if (isa >= dnnl::cpu_isa::avx2) return Avx2::all();
#endif
    return Plain::all();
  }();
  return widest;
}

}  // namespace atelier
