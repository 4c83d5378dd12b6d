#include "losses/upsampling_grid.h"

#include <algorithm>

#include "atelier/error.h"

namespace atelier::losses {
namespace {

constexpr std::int64_t kPeriod = 8, kWindow = 96, kReach = 4;  // the mean is over 2 · kReach + 1 pixels a side
constexpr std::int64_t kShortestSide = 24;

/// Periods in a window, as many windows as fit whole.
struct Tiling {
  std::int64_t windows = 1, periods = 1;
  explicit Tiling(std::int64_t side)
      : windows(std::max<std::int64_t>(1, side / kWindow)),
        periods(std::min(kWindow, side) / kPeriod) {}
  std::int64_t covered() const { return windows * periods * kPeriod; }
};

}  // namespace

Tensor upsampling_grid(const Tensor& picture) {
  require(picture.dim() == 4 && picture.size(2) >= kShortestSide && picture.size(3) >= kShortestSide,
          "upsampling grid: the picture must be [N, C, H, W] of at least 24 x 24 pixels; check what is passed");
  const auto smooth = torch::avg_pool2d(picture, 2 * kReach + 1, 1);
  const auto height = smooth.size(2), width = smooth.size(3);
  const auto detail = picture.slice(2, kReach, kReach + height).slice(3, kReach, kReach + width) - smooth;
  const Tiling down(height), across(width);
  const auto places = detail.slice(2, 0, down.covered())
                          .slice(3, 0, across.covered())
                          .reshape({picture.size(0), picture.size(1), down.windows, down.periods, kPeriod,
                                    across.windows, across.periods, kPeriod})
                          .mean(std::vector<std::int64_t>{3, 6});  // [N, C, windows, 8, windows, 8]
  return (places - places.mean(std::vector<std::int64_t>{3, 5}, true)).square().mean();
}

}  // namespace atelier::losses
