#include "tensor/winograd_gradient.h"

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
constexpr std::int64_t kChunk = 256;  ///< tiles that are transformed before they are multiplied

/// The sums over all tiles of the 36 products [in, out], chunk by chunk. Every product is summed by one thread, so that
/// their number changes nothing.
class Sums {
 public:
  Sums(const Tensor& x, const Tensor& gradient, std::int64_t zeros)
      : x_(x),
        gradient_(gradient),
        nothing_(torch::zeros({std::max(x.size(1), gradient.size(1))})),
        zeros_(zeros),
        tiles_(gradient),
        patches_(torch::empty({kProducts, kChunk, x.size(1)})),
        spread_(torch::empty({kProducts, kChunk, gradient.size(1)})),
        sums_(torch::zeros({kProducts, x.size(1), gradient.size(1)})) {}

  Tensor run() {
    const auto all = x_.size(0) * tiles_.in_picture();
    for (std::int64_t first = 0; first < all; first += kChunk) {
      const auto count = std::min(kChunk, all - first);
      at::parallel_for(0, count, 8, [&](std::int64_t begin, std::int64_t end) {
        for (auto i = begin; i < end; ++i) transform(first + i, i);
      });
      at::parallel_for(0, kProducts, 1, [&](std::int64_t begin, std::int64_t end) {
        for (auto i = begin; i < end; ++i) add(i, count);
      });
    }
    return sums_;
  }

 private:
  void transform(std::int64_t tile, std::int64_t at) const {
    const auto picture = tiles_.picture(tile), top = tiles_.top(tile), left = tiles_.left(tile);
    const auto in = x_.size(1), out = gradient_.size(1);
    const auto* nothing = nothing_.data_ptr<float>();
    const auto before = square_of<kPatch>(x_, picture, top - zeros_, left - zeros_, nothing);
    winograd_transforms().patch(before.data(), in, patches_.data_ptr<float>() + at * in, kChunk * in);
    const auto after = square_of<kTile>(gradient_, picture, top, left, nothing);
    winograd_transforms().spread(after.data(), out, spread_.data_ptr<float>() + at * out, kChunk * out);
  }

  void add(std::int64_t product, std::int64_t count) const {
    const auto in = x_.size(1), out = gradient_.size(1);
    require_done(dnnl_sgemm('T', 'N', in, out, count, 1, patches_.data_ptr<float>() + product * kChunk * in, in,
                            spread_.data_ptr<float>() + product * kChunk * out, out, 1,
                            sums_.data_ptr<float>() + product * in * out, out));
  }

  Tensor x_, gradient_, nothing_;
  std::int64_t zeros_;
  WinogradTiles tiles_;
  Tensor patches_, spread_, sums_;
};

}  // namespace

Tensor winograd_weights_gradient(const Tensor& x, const Tensor& gradient, std::int64_t zeros) {
  const auto suits = [](const Tensor& t) {
    return t.dim() == 4 && t.scalar_type() == torch::kFloat && t.is_contiguous(torch::MemoryFormat::ChannelsLast) &&
           t.size(1) % kLanes == 0;
  };
  require(
      suits(x) && suits(gradient) && x.size(0) == gradient.size(0) && gradient.size(2) == x.size(2) + 2 * zeros - 2 &&
          gradient.size(3) == x.size(3) + 2 * zeros - 2,
      "winograd_weights_gradient: picture and gradient must be float32, channels last, of fitting sizes; check what "
      "is passed");
  const auto in = x.size(1), out = gradient.size(1), plane = in * out;
  const auto sums = Sums(x.detach(), gradient.detach(), zeros).run();
  const auto planes = torch::empty({3, 3, in, out});
  at::parallel_for(0, plane / kLanes, 256, [&](std::int64_t begin, std::int64_t end) {
    winograd_transforms().weights_back(sums.data_ptr<float>(), plane, begin * kLanes, end * kLanes,
                                       planes.data_ptr<float>());
  });
  return planes.permute({3, 2, 0, 1}).contiguous();
}

}  // namespace atelier
