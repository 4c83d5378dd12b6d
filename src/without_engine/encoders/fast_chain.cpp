// The encoders without oneDNN: the same numbers from LibTorch's own convolutions, more slowly on processors.
#include "encoders/fast_chain.h"

#include <torch/torch.h>

#include "atelier/error.h"

namespace atelier {

struct FastChain::Implementation {
  ConvChain chain;
  Pooling pooling;
  torch::ScalarType compute;
};

FastChain::FastChain(const ConvChain& chain, Pooling pooling, bool bf16)
    : implementation_(
          std::make_shared<Implementation>(Implementation{chain, pooling, bf16 ? torch::kBFloat16 : torch::kFloat})) {
  require(chain.padding == Padding::kZero,
          "the fast encoder pads with zeros only; take Encoder, which computes reflected edges without it");
}

FastChain::~FastChain() = default;

std::vector<Tensor> FastChain::raw_features(const Tensor& image, const std::vector<std::string>& taps) const {
  const auto& [chain, pooling, compute] = *implementation_;
  auto features = raw_chain_features(chain, image, taps, pooling, compute);
  for (auto& feature : features) feature = feature.to(torch::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
  return features;
}

}  // namespace atelier
