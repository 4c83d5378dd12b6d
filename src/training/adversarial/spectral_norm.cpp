#include "training/adversarial/spectral_norm.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

namespace atelier {
namespace {

constexpr double kTiny = 1e-12;
constexpr int kFirstIterations = 15;

Tensor unit(const Tensor& vector) { return vector / (vector.norm() + kTiny); }

/// One step of the power iteration: moves `left` in place and gives the right vector that belongs to it.
Tensor iterate(const Tensor& matrix, Tensor& left) {
  const auto right = unit(matrix.t().mv(left));
  left.copy_(unit(matrix.mv(right)));
  return right;
}

}  // namespace

SpectralNorm::SpectralNorm(const Network& network, std::uint64_t seed) {
  const torch::NoGradGuard no_grad;
  auto random = at::detail::createCPUGenerator(seed);
  for (const auto& node : network.graph.nodes) {
    if (node.op != Op::kConv) continue;
    const auto matrix = network.parameters.at(node.name + ".weight").flatten(1);
    auto left = unit(at::randn({matrix.size(0)}, random, torch::kFloat).to(matrix.device(), matrix.scalar_type()));
    for (int i = 0; i < kFirstIterations; ++i) iterate(matrix, left);
    vectors_.emplace_back(node.name + ".weight", left);
  }
}

Network SpectralNorm::normalised(const Network& network, bool iterate_first) {
  auto result = network;
  for (auto& [name, left] : vectors_) {
    auto& weight = result.parameters.at(name);
    const auto matrix = weight.flatten(1);
    Tensor right;
    {
      const torch::NoGradGuard no_grad;
      right = iterate_first ? iterate(matrix, left) : unit(matrix.t().mv(left));
    }
    // The next iteration changes the vector in place, perhaps before this graph is differentiated.
    weight = weight / (torch::dot(left.clone(), matrix.mv(right)) + kTiny);
  }
  return result;
}

}  // namespace atelier
