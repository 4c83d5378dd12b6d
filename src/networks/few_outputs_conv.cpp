#include "networks/few_outputs_conv.h"

#include <torch/torch.h>

namespace atelier {
namespace {

constexpr std::int64_t kNeighbours = 4;

/// [4 · out, in, k, k + 3]: the kernel at four places, one beside the other.
Tensor at_neighbours(const Tensor& weight) {
  std::vector<Tensor> places;
  for (std::int64_t left = 0; left < kNeighbours; ++left)
    places.push_back(torch::constant_pad_nd(weight, {left, kNeighbours - 1 - left}));
  return torch::cat(places);
}

/// The last `count` columns of the result.
Tensor last_columns(const Tensor& x, const Tensor& weight, const Tensor& bias, std::int64_t zeros, std::int64_t count) {
  const auto read = count + weight.size(3) - 1 - zeros;
  const auto strip = torch::constant_pad_nd(x.narrow(3, x.size(3) - read, read), {0, zeros, zeros, zeros});
  return torch::conv2d(strip.contiguous(torch::MemoryFormat::ChannelsLast), weight, bias);
}

}  // namespace

bool suits_few_outputs(const Tensor& x, const Tensor& weight) {
  return weight.size(0) <= 4 && weight.size(3) > 1 && x.size(3) >= kNeighbours + weight.size(3);
}

Tensor few_outputs_conv(const Tensor& x, const Tensor& weight, const Tensor& bias, std::int64_t zeros) {
  const auto width = x.size(3) + 2 * zeros - weight.size(3) + 1, left = width % kNeighbours;
  const auto offset = bias.defined() ? bias.repeat({kNeighbours}) : bias;
  const auto four = torch::conv2d(x, at_neighbours(weight), offset, at::IntArrayRef{1, kNeighbours}, zeros);
  // Pixel by pixel in memory, neighbours and their outputs lie in the order of the picture.
  const auto result =
      four.permute({0, 2, 3, 1}).reshape({x.size(0), four.size(2), width - left, weight.size(0)}).permute({0, 3, 1, 2});
  if (left == 0) return result;
  return torch::cat({result, last_columns(x, weight, bias, zeros, left)}, 3)
      .contiguous(torch::MemoryFormat::ChannelsLast);
}

}  // namespace atelier
