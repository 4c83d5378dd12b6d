#include "encoders/fast_chain.h"

#include <torch/csrc/autograd/functions/utils.h>
#include <torch/torch.h>

#include <map>
#include <mutex>

#include "atelier/error.h"
#include "encoders/chain_plan.h"

namespace atelier {
namespace {

/// The backward half of FastChain::features(), as LibTorch's autograd wants it.
struct ChainBackward : torch::autograd::Node {
  std::shared_ptr<ChainPlan> plan;
  std::shared_ptr<ChainActivations> kept;
  std::vector<std::size_t> tap_layers;
  std::size_t depth = 0;

  torch::autograd::variable_list apply(torch::autograd::variable_list&& received) override {
    std::vector<Tensor> per_layer(depth);
    for (std::size_t t = 0; t < received.size(); ++t) {
      auto& sum = per_layer[tap_layers[t]];
      if (received[t].defined()) sum = sum.defined() ? sum + received[t] : received[t];
    }
    return {plan->backward(*kept, per_layer)};
  }

  void release_variables() override { kept.reset(); }
};

std::vector<Tensor> read_out_all(const ConvChain& chain, const std::vector<std::string>& taps,
                                 std::vector<Tensor> features) {
  for (std::size_t t = 0; t < taps.size(); ++t) features[t] = read_out(chain, taps[t], features[t]);
  return features;
}

}  // namespace

struct FastChain::Implementation {
  ConvChain chain;
  Pooling pooling;
  bool bf16;
  std::mutex guard;
  std::map<std::tuple<std::int64_t, std::int64_t, std::size_t>, std::shared_ptr<ChainPlan>> plans;

  std::shared_ptr<ChainPlan> plan(std::int64_t height, std::int64_t width, std::size_t depth) {
    const std::lock_guard lock(guard);
    auto& slot = plans[{height, width, depth}];
    if (!slot) slot = std::make_shared<ChainPlan>(chain, depth, height, width, pooling, bf16);
    return slot;
  }
};

FastChain::FastChain(const ConvChain& chain, Pooling pooling, bool bf16)
    : implementation_(std::make_shared<Implementation>()) {
  require(chain.padding == Padding::kZero,
          "the fast encoder pads with zeros only; use precision \"reference\" for reflection");
  implementation_->chain = chain;
  implementation_->pooling = pooling;
  implementation_->bf16 = bf16;
}

FastChain::~FastChain() = default;

std::vector<Tensor> FastChain::features(const Tensor& image, const std::vector<std::string>& taps) const {
  const auto& chain = implementation_->chain;
  require(image.dim() == 4 && image.size(0) == 1 && image.size(1) == 3, "encoder: the picture must be [1, 3, H, W]");
  std::vector<std::size_t> layers;
  std::size_t depth = 0;
  for (const auto& tap : taps) {
    require(tap.starts_with("relu"), "the fast encoder has relu taps only, not " + tap);
    layers.push_back(chain.layer_of(tap));
    depth = std::max(depth, layers.back() + 1);
  }
  const auto preprocessed = torch::conv2d(image, chain.input_weight, chain.input_bias).contiguous();
  const auto plan = implementation_->plan(image.size(2), image.size(3), depth);
  std::shared_ptr<ChainActivations> kept;
  std::vector<Tensor> features;
  {
    torch::NoGradGuard no_grad;
    kept = plan->forward(preprocessed.detach());
    for (const auto layer : layers) features.push_back(plan->feature(*kept, layer));
  }
  if (!torch::GradMode::is_enabled() || !preprocessed.requires_grad())
    return read_out_all(chain, taps, std::move(features));
  const std::shared_ptr<ChainBackward> node(new ChainBackward, torch::autograd::deleteNode);
  node->plan = plan;
  node->kept = kept;
  node->tap_layers = layers;
  node->depth = depth;
  node->set_next_edges(torch::autograd::collect_next_edges(preprocessed));
  for (auto& feature : features) torch::autograd::set_history(feature, node);
  return read_out_all(chain, taps, std::move(features));
}

}  // namespace atelier
