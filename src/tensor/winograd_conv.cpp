#include "tensor/winograd_conv.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>
#include <dnnl.hpp>

#include <algorithm>

#include "atelier/error.h"
#include "tensor/onednn_status.h"
#include "tensor/winograd_tiles.h"

namespace atelier {
namespace {

constexpr auto kLanes = WinogradTransforms::kLanes, kTile = WinogradTransforms::kTile,
               kPatch = WinogradTransforms::kPatch, kProducts = WinogradTransforms::kProducts;
/// Below, what the transforms cost is more than what they save.
constexpr std::int64_t kFewestChannels = 32, kFewestPlaces = 256;

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
        tiles_(result_) {
    constexpr std::int64_t kInCache = 192;  // channels of which 64 tiles fit a core's own cache
    const std::int64_t most = std::max(x.size(1), weights.size(2)) <= kInCache ? 64 : 32;
    block_ = std::min(most, std::max<std::int64_t>(divided_up(tiles_.in_picture(), 2), 1));
  }

  Tensor run() {
    const auto per_picture = divided_up(tiles_.in_picture(), block_);
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
    const auto count = std::min(block_, tiles_.in_picture() - first), before = x_.size(1), after = channels();
    const auto* nothing = nothing_.data_ptr<float>();
    auto *patches = in.data_ptr<float>(), *tiles = out.data_ptr<float>();
    for (std::int64_t i = 0; i < count; ++i) {
      const auto top = tiles_.top(first + i) - zeros_, left = tiles_.left(first + i) - zeros_;
      const auto pixels = square_of<kPatch>(x_, picture, top, left, nothing);
      winograd_transforms().patch(pixels.data(), before, patches + i * before, block_ * before);
    }
    for (std::int64_t i = 0; i < kProducts; ++i)
      require_done(dnnl_sgemm('N', 'N', count, after, before, 1, patches + i * block_ * before, before,
                              weights_.data_ptr<float>() + i * before * after, after, 0, tiles + i * block_ * after,
                              after));
    for (std::int64_t i = 0; i < count; ++i) {
      const auto pixels =
          square_of<kTile, float>(result_, picture, tiles_.top(first + i), tiles_.left(first + i), nullptr);
      winograd_transforms().tile(tiles + i * after, block_ * after, after, bias_.data_ptr<float>(), rectified_,
                                 pixels.data());
    }
  }

  Tensor x_, weights_, bias_, nothing_;
  std::int64_t zeros_;
  Rectified rectified_;
  Tensor result_;
  WinogradTiles tiles_;
  std::int64_t block_ = 1;
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
    winograd_transforms().weights(planes.data_ptr<float>(), plane, begin * kLanes, end * kLanes,
                                  result.data_ptr<float>());
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
