#pragma once
#include <compare>
#include <dnnl.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "encoders/conv_chain.h"

namespace atelier {

/// What a forward pass leaves for its backward pass.
struct ChainActivations {
  std::vector<Tensor> pool_workspace;  ///< per layer; undefined for none
  std::vector<Tensor> after_relu;      ///< per layer, [N, C, h, w] with channels last, in the plan's arithmetic
};

/// What a plan is made for.
struct ChainInput {
  std::int64_t batch = 1, height = 0, width = 0;

  auto operator<=>(const ChainInput&) const = default;
};

/// Which way a layer's weights are used.
enum class WeightUse {
  kForward,
  kTurned,  ///< for gradients: inputs and outputs have changed places, and each kernel is turned by half a circle
};

/// A chain's parameters as its convolutions want them, each made once for all plans. For several threads.
class ChainWeights {
 public:
  explicit ChainWeights(ConvChain chain)
      : chain_(std::move(chain)), weights_(chain_.layers.size()), biases_(chain_.layers.size()) {}

  const ConvChain& chain() const { return chain_; }
  dnnl::memory in_layout(std::size_t layer, const dnnl::memory::desc& wanted, WeightUse use);
  /// As winograd_conv() takes them.
  Tensor for_winograd(std::size_t layer, WeightUse use);
  dnnl::memory bias(std::size_t layer);

 private:
  struct Kept {
    std::vector<dnnl::memory> in_layouts;
    Tensor for_winograd;
  };

  /// [made, read, 3, 3], contiguous.
  Tensor used(std::size_t layer, WeightUse use) const;

  std::mutex guard_;
  ConvChain chain_;
  std::vector<std::map<WeightUse, Kept>> weights_;
  std::vector<dnnl::memory> biases_;
};

struct ChainStage;

/// The oneDNN primitives of a chain for one number and size of pictures, up to a given layer.
class ChainPlan {
 public:
  /// Keeps the weights alive: they are asked for again when the first gradient goes back.
  /// @param layers  how many of the chain's layers to build.
  /// @throws Error when the picture is too small for its pooling.
  ChainPlan(std::shared_ptr<ChainWeights> weights, std::size_t layers, const ChainInput& input, Pooling pooling,
            bool bf16);
  ~ChainPlan();

  /// @param preprocessed  [N, 3, H, W] as the plan was made for, float.
  std::shared_ptr<ChainActivations> forward(const Tensor& preprocessed);

  /// The feature after the ReLU of `layer`, [N, C, h, w], float, channels last. In float32 arithmetic it is what `kept`
  /// holds: not to be changed in place before backward(), which refuses it.
  Tensor feature(const ChainActivations& kept, std::size_t layer);

  /// @param gradients  one per layer, float, of the feature after its ReLU; undefined for none.
  /// @return           gradient of the preprocessed pictures, [N, 3, H, W].
  Tensor backward(const ChainActivations& kept, const std::vector<Tensor>& gradients);

 private:
  dnnl::stream stream_;
  std::shared_ptr<ChainWeights> weights_;
  std::vector<std::int64_t> source_;
  std::vector<ChainStage> stages_;
  std::once_flag backward_made_;
};

}  // namespace atelier
