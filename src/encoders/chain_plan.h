#pragma once
#include <compare>
#include <dnnl.hpp>
#include <memory>
#include <vector>

#include "encoders/conv_chain.h"

namespace atelier {

/// What a forward pass leaves for its backward pass.
struct ChainActivations {
  std::vector<dnnl::memory> pool_workspace, after_relu;  ///< per layer
};

/// What a plan is made for.
struct ChainInput {
  std::int64_t batch = 1, height = 0, width = 0;

  auto operator<=>(const ChainInput&) const = default;
};

struct ChainStage;

/// The oneDNN primitives of a chain for one number and size of pictures, up to a given layer.
class ChainPlan {
 public:
  /// @param layers  how many of the chain's layers to build.
  /// @throws Error when the picture is too small for its pooling.
  ChainPlan(const ConvChain& chain, std::size_t layers, const ChainInput& input, Pooling pooling, bool bf16);
  ~ChainPlan();

  /// @param preprocessed  [N, 3, H, W] as the plan was made for, contiguous float.
  std::shared_ptr<ChainActivations> forward(const Tensor& preprocessed);

  /// The feature after the ReLU of `layer`, [N, C, h, w], contiguous float.
  Tensor feature(const ChainActivations& kept, std::size_t layer);

  /// @param gradients  one per layer, float, of the feature after its ReLU; undefined for none.
  /// @return           gradient of the preprocessed pictures, [N, 3, H, W].
  Tensor backward(const ChainActivations& kept, const std::vector<Tensor>& gradients);

 private:
  dnnl::stream stream_;
  std::vector<std::int64_t> source_;
  std::vector<ChainStage> stages_;
};

}  // namespace atelier
