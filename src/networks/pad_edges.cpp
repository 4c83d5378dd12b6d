#include "networks/pad_edges.h"

#include <torch/torch.h>

#include <cstring>

#include "atelier/error.h"
#include "networks/empty_pixels.h"
#include "tensor/layout.h"

namespace atelier {
namespace {

/// Where in the source each padded position lies.
std::vector<std::int64_t> sources(std::int64_t size, std::int64_t pixels, bool reflect) {
  std::vector<std::int64_t> from;
  for (std::int64_t i = -pixels; i < size + pixels; ++i) {
    const auto inside = std::clamp<std::int64_t>(i, 0, size - 1);
    from.push_back(reflect ? 2 * inside - i : inside);
  }
  return from;
}

struct Geometry {
  std::int64_t planes, height, width, pixels;
  std::vector<std::int64_t> rows, columns;

  Geometry(at::IntArrayRef sizes, std::int64_t pixels, bool reflect)
      : planes(sizes[0] * sizes[1]),
        height(sizes[2]),
        width(sizes[3]),
        pixels(pixels),
        rows(sources(height, pixels, reflect)),
        columns(sources(width, pixels, reflect)) {}

  std::int64_t wide() const { return width + 2 * pixels; }
  std::int64_t high() const { return height + 2 * pixels; }
};

template <typename T>
void widen(const Geometry& g, const T* from, T* to) {
  at::parallel_for(0, g.planes, 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto plane = begin; plane < end; ++plane)
      for (std::int64_t row = 0; row < g.high(); ++row) {
        const T* source = from + (plane * g.height + g.rows[static_cast<std::size_t>(row)]) * g.width;
        T* target = to + (plane * g.high() + row) * g.wide();
        for (std::int64_t i = 0; i < g.pixels; ++i) {
          target[i] = source[g.columns[static_cast<std::size_t>(i)]];
          target[g.wide() - 1 - i] = source[g.columns[static_cast<std::size_t>(g.wide() - 1 - i)]];
        }
        std::copy(source, source + g.width, target + g.pixels);
      }
  });
}

/// The transpose of widen(): `to` is zero at first.
template <typename T>
void gather(const Geometry& g, const T* from, T* to) {
  at::parallel_for(0, g.planes, 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto plane = begin; plane < end; ++plane)
      for (std::int64_t row = 0; row < g.high(); ++row) {
        const T* source = from + (plane * g.high() + row) * g.wide();
        T* target = to + (plane * g.height + g.rows[static_cast<std::size_t>(row)]) * g.width;
        for (std::int64_t i = 0; i < g.pixels; ++i) {
          target[g.columns[static_cast<std::size_t>(i)]] += source[i];
          target[g.columns[static_cast<std::size_t>(g.wide() - 1 - i)]] += source[g.wide() - 1 - i];
        }
        for (std::int64_t i = 0; i < g.width; ++i) target[i] += source[g.pixels + i];
      }
  });
}

template <typename Move>
Tensor moved(const Tensor& from, Tensor to, Move move) {
  const auto plain = from.contiguous();
  AT_DISPATCH_FLOATING_TYPES_AND(torch::kBFloat16, plain.scalar_type(), "pad_edges",
                                 [&] { move(plain.data_ptr<scalar_t>(), to.data_ptr<scalar_t>()); });
  return to;
}

/// widen() in the layout that it comes in: channels last.
Tensor widened_pixels(const Tensor& pixels, const Geometry& g) {
  const auto channels = pixels.size(1), high = g.high(), wide = g.wide();
  const auto result = empty_pixels(pixels, high, wide);
  const auto pixel = channels * static_cast<std::int64_t>(pixels.element_size());
  const auto* from = static_cast<const std::byte*>(pixels.data_ptr());
  auto* to = static_cast<std::byte*>(result.data_ptr());
  at::parallel_for(0, pixels.size(0) * high, 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto row = begin; row < end; ++row) {
      const auto* source =
          from + (row / high * g.height + g.rows[static_cast<std::size_t>(row % high)]) * g.width * pixel;
      auto* target = to + row * wide * pixel;
      const auto edge = [&](std::int64_t i) {
        std::memcpy(target + i * pixel, source + g.columns[static_cast<std::size_t>(i)] * pixel,
                    static_cast<std::size_t>(pixel));
      };
      for (std::int64_t i = 0; i < g.pixels; ++i) {
        edge(i);
        edge(wide - 1 - i);
      }
      std::memcpy(target + g.pixels * pixel, source, static_cast<std::size_t>(g.width * pixel));
    }
  });
  return result;
}

/// gather() of one padded row, `source`, to the row `target`.
template <typename T>
[[gnu::optimize("O3")]] void gather_row(const Geometry& g, std::int64_t channels, const T* source, T* target) {
  const auto add = [&](std::int64_t from, std::int64_t to, std::int64_t pixels) {
    for (std::int64_t i = 0; i < pixels * channels; ++i) target[to * channels + i] += source[from * channels + i];
  };
  for (std::int64_t i = 0; i < g.pixels; ++i)
    for (const auto column : {i, g.wide() - 1 - i}) add(column, g.columns[static_cast<std::size_t>(column)], 1);
  add(g.pixels, 0, g.width);
}

/// The transpose of widened_pixels(), row by row of the result.
Tensor gathered_pixels(const Tensor& padded, const Geometry& g) {
  const auto channels = padded.size(1);
  const auto result = empty_pixels(padded, g.height, g.width).zero_();
  AT_DISPATCH_FLOATING_TYPES_AND(torch::kBFloat16, padded.scalar_type(), "pad_edges", [&] {
    at::parallel_for(0, padded.size(0) * g.height, 1, [&](std::int64_t begin, std::int64_t end) {
      for (auto row = begin; row < end; ++row)
        for (std::int64_t from = 0; from < g.high(); ++from) {
          if (g.rows[static_cast<std::size_t>(from)] != row % g.height) continue;
          const auto* source = padded.data_ptr<scalar_t>() + (row / g.height * g.high() + from) * g.wide() * channels;
          gather_row(g, channels, source, result.data_ptr<scalar_t>() + row * g.width * channels);
        }
    });
  });
  return result;
}

/// Padding (`Forth`), or its transpose, which sums at every pixel what was copied from it. Each is the other's
/// derivative, so that both can be differentiated any number of times.
template <bool Forth>
class PadEdges : public torch::autograd::Function<PadEdges<Forth>> {
 public:
  /// @param sizes  of the planes without padding.
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& planes,
                        const std::vector<std::int64_t>& sizes, std::int64_t pixels, bool reflect) {
    context->saved_data["sizes"] = sizes;
    context->saved_data["pixels"] = pixels;
    context->saved_data["reflect"] = reflect;
    const Geometry geometry(sizes, pixels, reflect);
    if (is_channels_last(planes)) return Forth ? widened_pixels(planes, geometry) : gathered_pixels(planes, geometry);
    if constexpr (Forth) {
      const auto result = torch::empty({sizes[0], sizes[1], geometry.high(), geometry.wide()}, planes.options());
      return moved(planes, result, [&](const auto* from, auto* to) { widen(geometry, from, to); });
    }
    const auto result = torch::zeros(sizes, planes.options());
    return moved(planes, result, [&](const auto* from, auto* to) { gather(geometry, from, to); });
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list gradients) {
    const auto& saved = context->saved_data;
    const auto result = PadEdges<!Forth>::apply(gradients[0], saved.at("sizes").toIntVector(),
                                                saved.at("pixels").toInt(), saved.at("reflect").toBool());
    return {result, Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

Tensor pad_edges(const Tensor& planes, std::int64_t pixels, bool reflect) {
  require(
      planes.dim() == 4 && pixels >= 0 && (!reflect || (planes.size(2) > pixels && planes.size(3) > pixels)),
      "pad_edges: a plane is too small to be reflected by " + std::to_string(pixels) + " pixels; use a larger size");
  if (planes.is_cpu()) return PadEdges<true>::apply(planes, planes.sizes().vec(), pixels, reflect);
  const auto single = planes.scalar_type() == torch::kBFloat16 ? planes.to(torch::kFloat) : planes;
  const std::vector<std::int64_t> sides(4, pixels);
  return (reflect ? torch::reflection_pad2d(single, sides) : torch::replication_pad2d(single, sides))
      .to(planes.scalar_type());
}

}  // namespace atelier
