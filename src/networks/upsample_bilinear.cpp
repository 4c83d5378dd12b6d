#include "networks/upsample_bilinear.h"

#include <torch/torch.h>

#include <vector>

#include "atelier/error.h"
#include "networks/upsample_pixels.h"
#include "tensor/layout.h"
#include "tensor/wide.h"

namespace atelier {
namespace {

constexpr float kNear = 0.75F, kFar = 0.25F;

/// A row of values and, before and behind it, its first and last value again.
template <typename Real>
class Row {
 public:
  explicit Row(std::int64_t size) : values_(static_cast<std::size_t>(size + 2)), size_(size) {}

  Real* data() { return values_.data() + 1; }
  void repeat_edges() {
    values_.front() = values_[1];
    values_.back() = values_[static_cast<std::size_t>(size_)];
  }

 private:
  std::vector<Real> values_;
  std::int64_t size_;
};

/// One result row, between two source rows.
template <typename T>
[[gnu::optimize("O3")]] void blend(const T* near, const T* far, std::int64_t size, Row<Wide<T>>& between, T* result) {
  auto* values = between.data();
  for (std::int64_t i = 0; i < size; ++i)
    values[i] = kNear * static_cast<Wide<T>>(near[i]) + kFar * static_cast<Wide<T>>(far[i]);
  between.repeat_edges();
  for (std::int64_t i = 0; i < size; ++i) {
    result[2 * i] = static_cast<T>(kFar * values[i - 1] + kNear * values[i]);
    result[2 * i + 1] = static_cast<T>(kNear * values[i] + kFar * values[i + 1]);
  }
}

template <typename T>
void enlarge(std::int64_t height, std::int64_t width, const T* from, T* to) {
  Row<Wide<T>> between(width);
  for (std::int64_t i = 0; i < height; ++i) {
    const T* own = from + i * width;
    blend(own, from + std::max<std::int64_t>(i - 1, 0) * width, width, between, to + 2 * i * 2 * width);
    blend(own, from + std::min(i + 1, height - 1) * width, width, between, to + (2 * i + 1) * 2 * width);
  }
}

/// Adds what a result row passes back to its two source rows.
template <typename T>
[[gnu::optimize("O3")]] void pass_back(const T* result, std::int64_t size, Row<Wide<T>>& between, Wide<T>* near,
                                       Wide<T>* far) {
  auto* values = between.data();
  const auto at = [&](std::int64_t i) { return static_cast<Wide<T>>(result[i]); };
  for (std::int64_t i = 0; i < size; ++i) {
    const auto before = i > 0 ? at(2 * i - 1) : at(0), behind = i + 1 < size ? at(2 * i + 2) : at(2 * size - 1);
    values[i] = kNear * (at(2 * i) + at(2 * i + 1)) + kFar * (before + behind);
  }
  for (std::int64_t i = 0; i < size; ++i) near[i] += kNear * values[i];
  for (std::int64_t i = 0; i < size; ++i) far[i] += kFar * values[i];
}

/// The transpose of enlarge().
template <typename T>
void gather(std::int64_t height, std::int64_t width, const T* from, T* to) {
  Row<Wide<T>> between(width);
  std::vector<Wide<T>> sums(static_cast<std::size_t>(height * width));
  const auto row = [&](std::int64_t i) { return sums.data() + std::clamp<std::int64_t>(i, 0, height - 1) * width; };
  for (std::int64_t i = 0; i < height; ++i) {
    pass_back(from + 2 * i * 2 * width, width, between, row(i), row(i - 1));
    pass_back(from + (2 * i + 1) * 2 * width, width, between, row(i), row(i + 1));
  }
  for (std::size_t i = 0; i < sums.size(); ++i) to[i] = static_cast<T>(sums[i]);
}

/// Enlarging (`Forth`), or its transpose. Each is the other's derivative, so that both can be differentiated any number
/// of times.
template <bool Forth>
class UpsampleTwice : public torch::autograd::Function<UpsampleTwice<Forth>> {
 public:
  static Tensor forward(torch::autograd::AutogradContext*, const Tensor& planes) {
    if (is_channels_last(planes)) return Forth ? enlarged_pixels(planes) : enlarged_pixels_back(planes);
    const auto plain = planes.contiguous();
    const auto height = plain.size(2) / (Forth ? 1 : 2), width = plain.size(3) / (Forth ? 1 : 2);
    const auto result = torch::empty({plain.size(0), plain.size(1), height * (Forth ? 2 : 1), width * (Forth ? 2 : 1)},
                                     plain.options());
    AT_DISPATCH_FLOATING_TYPES_AND(torch::kBFloat16, plain.scalar_type(), "upsample_bilinear_twice", [&] {
      const auto* from = plain.data_ptr<scalar_t>();
      auto* to = result.data_ptr<scalar_t>();
      const auto from_size = plain.size(2) * plain.size(3), to_size = result.size(2) * result.size(3);
      at::parallel_for(0, plain.size(0) * plain.size(1), 1, [&](std::int64_t begin, std::int64_t end) {
        for (auto plane = begin; plane < end; ++plane) {
          if constexpr (Forth)
            enlarge(height, width, from + plane * from_size, to + plane * to_size);
          else
            gather(height, width, from + plane * from_size, to + plane * to_size);
        }
      });
    });
    return result;
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext*,
                                               torch::autograd::tensor_list gradients) {
    return {UpsampleTwice<!Forth>::apply(gradients[0])};
  }
};

}  // namespace

Tensor upsample_bilinear_twice(const Tensor& planes) {
  require(planes.dim() == 4 && planes.numel() > 0, "upsample: the planes must be [N, C, h, w] with at least one pixel");
  if (planes.is_cpu()) return UpsampleTwice<true>::apply(planes);
  const std::vector<std::int64_t> size{2 * planes.size(2), 2 * planes.size(3)};
  return torch::upsample_bilinear2d(planes, size, false);
}

}  // namespace atelier
