#pragma once
#include <dnnl.hpp>
#include <memory>
#include <vector>

#include "encoders/conv_chain.h"

namespace atelier {

/// What a forward pass leaves for its backward pass.
struct ChainActivations {
  std::vector<dnnl::memory> pool_workspace, after_relu;  ///< per layer
};

struct ChainStage;

/// The oneDNN primitives of a chain for one picture size, up to a given layer.
class ChainPlan {
 public:
  /// @param layers  how many of the chain's layers to build.
  /// @throws Error when the picture is too small for its pooling.
  ChainPlan(const ConvChain& chain, std::size_t layers, std::int64_t height, std::int64_t width, Pooling pooling,
            bool bf16);
  ~ChainPlan();

  /// @param preprocessed  [1, 3, H, W], contiguous float.
  std::shared_ptr<ChainActivations> forward(const Tensor& preprocessed);

  /// The feature after the ReLU of `layer`, [1, C, h, w], contiguous float.
  Tensor feature(const ChainActivations& kept, std::size_t layer);

  /// @param gradients  one per layer, float, of the feature after its ReLU; undefined for none.
  /// @return           gradient of the preprocessed picture.
  Tensor backward(const ChainActivations& kept, const std::vector<Tensor>& gradients);

 private:
  dnnl::stream stream_;
  std::vector<std::int64_t> source_;
  std::vector<ChainStage> stages_;
};

}  // namespace atelier
