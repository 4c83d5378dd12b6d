#include "networks/noise_input.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <algorithm>

#include "atelier/error.h"

namespace atelier {
namespace {

constexpr const char* kNoise = "noise";

std::int64_t channels_of_noise(const Network& network) {
  for (const auto& node : network.graph.nodes)
    if (node.op == Op::kConv && node.inputs.front() == kNoise)
      return network.parameters.at(node.name + ".weight").size(1) * node.groups;
  throw Error("no convolution reads the network's noise; the model file is damaged or of another kind");
}

}  // namespace

Tensor noise_input(const Network& network, const Tensor& pictures, std::uint64_t seed) {
  const auto inputs = network.graph.inputs();
  if (std::find(inputs.begin(), inputs.end(), kNoise) == inputs.end()) return {};
  const auto random = at::detail::createCPUGenerator(seed);
  const auto noise = at::rand({pictures.size(0), channels_of_noise(network), pictures.size(2), pictures.size(3)},
                              random, torch::kFloat);
  return noise.to(pictures.device());
}

}  // namespace atelier
