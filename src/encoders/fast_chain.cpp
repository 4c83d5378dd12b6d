#include "encoders/fast_chain.h"

#include <torch/csrc/autograd/functions/utils.h>
#include <torch/torch.h>

#include <algorithm>
#include <list>
#include <mutex>

#include "atelier/error.h"
#include "encoders/chain_plan.h"
#include "tensor/gradient.h"
#include "tensor/onednn.h"

namespace atelier {
namespace {

/// The backward half of FastChain::raw_features(), as LibTorch's autograd wants it.
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

/// The chain's 1 × 1 convolution of a picture's colours, as a product of matrices: no copies in oneDNN's layout.
Tensor with_input_colours(const ConvChain& chain, const Tensor& image) {
  const auto colours = chain.input_weight.flatten(1).matmul(image.flatten(2)) + chain.input_bias.unsqueeze(1);
  return colours.reshape(image.sizes());
}

struct CachedPlan {
  ChainInput input;
  std::size_t depth = 0;
  std::shared_ptr<ChainPlan> plan;
};

/// A run from coarse to fine, or over pictures of all sizes, must not gather plans without end.
constexpr std::size_t kMostPlans = 8;

}  // namespace

struct FastChain::Implementation {
  Implementation(const ConvChain& chain, Pooling pooling, bool bf16)
      : weights(std::make_shared<ChainWeights>(chain)), pooling(pooling), bf16(bf16) {}

  std::shared_ptr<ChainWeights> weights;
  Pooling pooling;
  bool bf16;
  std::mutex guard;
  std::list<CachedPlan> plans;  // the last used first

  std::shared_ptr<ChainPlan> plan(const ChainInput& input, std::size_t depth) {
    const std::lock_guard lock(guard);
    const auto found = std::find_if(plans.begin(), plans.end(), [&](const CachedPlan& cached) {
      return cached.input == input && cached.depth == depth;
    });
    if (found != plans.end()) {
      plans.splice(plans.begin(), plans, found);
    } else {
      plans.push_front({input, depth, std::make_shared<ChainPlan>(weights, depth, input, pooling, bf16)});
      if (plans.size() > kMostPlans) plans.pop_back();
    }
    return plans.front().plan;
  }
};

FastChain::FastChain(const ConvChain& chain, Pooling pooling, bool bf16)
    : implementation_(std::make_shared<Implementation>(chain, pooling, bf16)) {
  require(chain.padding == Padding::kZero,
          "the fast encoder pads with zeros only; take Encoder, which computes reflected edges without it");
  require(!bf16 || onednn_has_bf16(),
          "this processor cannot compute in bfloat16, which needs AVX-512; choose precision auto or fp32");
}

FastChain::~FastChain() = default;

std::vector<Tensor> FastChain::raw_features(const Tensor& image, const std::vector<std::string>& taps) const {
  const auto& chain = implementation_->weights->chain();
  require(image.dim() == 4 && image.size(0) > 0 && image.size(1) == 3,
          "encoder: the pictures must be [N, 3, H, W], at least one; check what is passed");
  require(image.scalar_type() == torch::kFloat && image.is_cpu(),
          "the fast encoder takes float32 pictures in main memory only; convert them");
  std::vector<std::size_t> layers;
  std::size_t depth = 0;
  for (const auto& tap : taps) {
    require(tap.starts_with("relu"), "the fast encoder has relu taps only, not " + tap);
    layers.push_back(chain.layer_of(tap));
    depth = std::max(depth, layers.back() + 1);
  }
  const auto preprocessed = with_input_colours(chain, image);
  const auto plan = implementation_->plan({image.size(0), image.size(2), image.size(3)}, depth);
  std::shared_ptr<ChainActivations> kept;
  std::vector<Tensor> features;
  {
    torch::NoGradGuard no_grad;
    kept = plan->forward(preprocessed.detach());
    for (const auto layer : layers) features.push_back(plan->feature(*kept, layer));
  }
  if (!wants_gradient(preprocessed)) return features;
  const std::shared_ptr<ChainBackward> node(new ChainBackward, torch::autograd::deleteNode);
  node->plan = plan;
  node->kept = kept;
  node->tap_layers = layers;
  node->depth = depth;
  node->set_next_edges(torch::autograd::collect_next_edges(preprocessed));
  for (auto& feature : features) torch::autograd::set_history(feature, node);
  return features;
}

}  // namespace atelier
