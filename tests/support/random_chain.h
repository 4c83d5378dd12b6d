#pragma once
#include <torch/torch.h>

#include <cmath>
#include <string>
#include <vector>

#include "encoders/conv_chain.h"

namespace atelier {

/// A VGG-shaped network with seeded random weights (He et al. 2015), `depths[b]` convolutions of `widths[b]`
/// channels in block b + 1: for tests and measurements that need a network's shape, not its training.
inline ConvChain random_chain(const std::vector<int>& depths, const std::vector<int>& widths, std::uint64_t seed = 5) {
  torch::manual_seed(seed);
  ConvChain chain;
  chain.input_weight = torch::eye(3).reshape({3, 3, 1, 1}) * 4;
  chain.input_bias = torch::full({3}, -2.0);
  std::int64_t in = 3;
  for (std::size_t block = 0; block < depths.size(); ++block)
    for (int index = 0; index < depths[block]; ++index) {
      const std::int64_t out = widths[block];
      chain.layers.push_back({"conv" + std::to_string(block + 1) + "_" + std::to_string(index + 1),
                              block > 0 && index == 0,
                              torch::randn({out, in, 3, 3}) * std::sqrt(2.0 / (9.0 * static_cast<double>(in))),
                              torch::randn({out}) * 0.1});
      in = out;
    }
  return chain;
}

}  // namespace atelier
