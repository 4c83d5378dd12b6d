#include "tensor/smooth_edges.h"

#include <torch/torch.h>

#include "atelier/error.h"
#include "tensor/colour_spaces.h"

namespace atelier {
namespace {

constexpr double kThreshold = 0.2;
/// OpenCV's choice for a kernel of 5: 0.3 ((5 − 1) / 2 − 1) + 0.8.
constexpr double kSigma = 1.1;
constexpr std::int64_t kChannels = 3, kNoPadding = 0;

/// Whether there is an edge, [N, 1, H, W] of 0 and 1, widened to 5 × 5.
Tensor edges_of(const Tensor& pictures) {
  const auto luma = torch::replication_pad2d(colour::luma(pictures), {1, 1, 1, 1});
  const auto across = torch::tensor({-1., 0., 1., -2., 0., 2., -1., 0., 1.}, pictures.options()).view({1, 1, 3, 3}) / 4;
  const auto gradient =
      (torch::conv2d(luma, across).square() + torch::conv2d(luma, across.transpose(2, 3)).square()).sqrt();
  return torch::max_pool2d((gradient > kThreshold).to(pictures.scalar_type()), 5, 1, 2);
}

Tensor blurred(const Tensor& pictures) {
  const auto at = torch::arange(-2., 3., pictures.options());
  const auto bell = torch::exp(-at.square() / (2 * kSigma * kSigma));
  const auto kernel = (bell.unsqueeze(1) * bell.unsqueeze(0) / bell.sum().square()).expand({3, 1, 5, 5}).contiguous();
  return torch::conv2d(torch::replication_pad2d(pictures, {2, 2, 2, 2}), kernel, Tensor(), 1, kNoPadding, 1, kChannels);
}

}  // namespace

Tensor smooth_edges(const Tensor& pictures) {
  require(pictures.dim() == 4 && pictures.size(1) == 3 && pictures.size(2) >= 3 && pictures.size(3) >= 3,
          "smooth_edges: pictures must be [N, 3, H, W] with sides of at least 3; check what is passed");
  const torch::NoGradGuard no_grad;
  return torch::lerp(pictures, blurred(pictures), edges_of(pictures));
}

}  // namespace atelier
