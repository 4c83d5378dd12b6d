#include "losses/flatness.h"

#include "atelier/error.h"
#include "tensor/guided_filter.h"

namespace atelier::losses {
namespace {

constexpr std::int64_t kReach = 7;
constexpr double kFaint = 3.0 / 255;

}  // namespace

Tensor flatness(const Tensor& photo) {
  require(photo.dim() == 4 && photo.numel() > 0,
          "flatness: the photo must be [N, C, H, W] with at least one pixel; check what is passed");
  const auto across = photo.diff(1, 3).square().mean(1, true), down = photo.diff(1, 2).square().mean(1, true);
  const auto change = torch::constant_pad_nd(across, {0, 1}) + torch::constant_pad_nd(down, {0, 0, 0, 1});
  return 1 / (1 + box_mean(change, kReach) / (kFaint * kFaint));
}

}  // namespace atelier::losses
