#include "networks/pad_edges.h"

#include <torch/torch.h>

#include "atelier/error.h"

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

class PadEdges : public torch::autograd::Function<PadEdges> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& planes, std::int64_t pixels,
                        bool reflect) {
    context->saved_data["sizes"] = planes.sizes().vec();
    context->saved_data["pixels"] = pixels;
    context->saved_data["reflect"] = reflect;
    const Geometry geometry(planes.sizes(), pixels, reflect);
    const auto plain = planes.contiguous();
    auto result = torch::empty({planes.size(0), planes.size(1), geometry.high(), geometry.wide()}, planes.options());
    AT_DISPATCH_FLOATING_TYPES_AND(torch::kBFloat16, plain.scalar_type(), "pad_edges",
                                   [&] { widen(geometry, plain.data_ptr<scalar_t>(), result.data_ptr<scalar_t>()); });
    return result;
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list gradients) {
    const auto sizes = context->saved_data["sizes"].toIntVector();
    const Geometry geometry(sizes, context->saved_data["pixels"].toInt(), context->saved_data["reflect"].toBool());
    const auto plain = gradients[0].contiguous();
    auto result = torch::zeros(sizes, plain.options());
    AT_DISPATCH_FLOATING_TYPES_AND(torch::kBFloat16, plain.scalar_type(), "pad_edges",
                                   [&] { gather(geometry, plain.data_ptr<scalar_t>(), result.data_ptr<scalar_t>()); });
    return {result, Tensor(), Tensor()};
  }
};

}  // namespace

Tensor pad_edges(const Tensor& planes, std::int64_t pixels, bool reflect) {
  require(
      planes.dim() == 4 && pixels >= 0 && (!reflect || (planes.size(2) > pixels && planes.size(3) > pixels)),
      "pad_edges: a plane is too small to be reflected by " + std::to_string(pixels) + " pixels; use a larger size");
  if (planes.is_cpu()) return PadEdges::apply(planes, pixels, reflect);
  const auto single = planes.scalar_type() == torch::kBFloat16 ? planes.to(torch::kFloat) : planes;
  const at::IntArrayRef sides{pixels, pixels, pixels, pixels};
  return (reflect ? torch::reflection_pad2d(single, sides) : torch::replication_pad2d(single, sides))
      .to(planes.scalar_type());
}

}  // namespace atelier
