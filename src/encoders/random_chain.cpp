#include "encoders/random_chain.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <cmath>

#include "atelier/error.h"

namespace atelier {

ConvChain random_chain(const std::vector<int>& depths, const std::vector<int>& widths, std::uint64_t seed,
                       double bias_deviation) {
  require(depths.size() == widths.size(), "random_chain: give as many widths as depths");
  const auto random = at::detail::createCPUGenerator(seed);
  ConvChain chain;
  chain.input_weight = torch::eye(3).reshape({3, 3, 1, 1}) * 4;
  chain.input_bias = torch::full({3}, -2.0);
  std::int64_t in = 3;
  for (std::size_t block = 0; block < depths.size(); ++block)
    for (int index = 0; index < depths[block]; ++index) {
      const std::int64_t out = widths[block];
      const auto name = "conv" + std::to_string(block + 1) + "_" + std::to_string(index + 1);
      const auto weight = torch::randn({out, in, 3, 3}, random) * std::sqrt(2.0 / (9.0 * static_cast<double>(in)));
      const auto bias = bias_deviation > 0 ? torch::randn({out}, random) * bias_deviation : torch::zeros({out});
      chain.layers.push_back({name, block > 0 && index == 0, weight, bias});
      in = out;
    }
  return chain;
}

}  // namespace atelier
