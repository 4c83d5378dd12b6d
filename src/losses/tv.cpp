#include "losses/tv.h"

#include "atelier/error.h"

namespace atelier::losses {
namespace {

struct Differences {
  Tensor across, down;
  double pixels;
};

Differences differences_of(const Tensor& picture) {
  require(picture.dim() == 4 && picture.numel() > 0,
          "total variation: the picture must be [N, C, H, W] with at least one pixel; check what is passed");
  return {picture.slice(3, 1) - picture.slice(3, 0, -1), picture.slice(2, 1) - picture.slice(2, 0, -1),
          static_cast<double>(picture.size(0) * picture.size(2) * picture.size(3))};
}

}  // namespace

Tensor tv_squared(const Tensor& picture) {
  const auto [across, down, pixels] = differences_of(picture);
  return (across.square().sum() + down.square().sum()) / pixels;
}

Tensor weighted_tv_squared(const Tensor& picture, const Tensor& weight) {
  const auto [across, down, pixels] = differences_of(picture);
  require(weight.dim() == 4 && weight.size(1) == 1 && weight.size(2) == picture.size(2) &&
              weight.size(3) == picture.size(3) && (weight.size(0) == 1 || weight.size(0) == picture.size(0)),
          "total variation: the weights must be [1 or N, 1, H, W] of the picture's size; check what is passed");
  return ((across.square() * weight.slice(3, 0, -1)).sum() + (down.square() * weight.slice(2, 0, -1)).sum()) / pixels;
}

Tensor tv_absolute(const Tensor& picture) {
  const auto [across, down, pixels] = differences_of(picture);
  return (across.abs().sum() + down.abs().sum()) / pixels;
}

}  // namespace atelier::losses
