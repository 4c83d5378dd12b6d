#pragma once
#include <memory>
#include <string>
#include <vector>

#include "encoders/conv_chain.h"

namespace atelier {

/// A ConvChain on oneDNN primitives: blocked layouts from the first layer to the last, ReLU fused
/// into the convolutions, no copies between them, float32 or bfloat16 (AMX where the processor has
/// it). Differentiable in the picture, not in the weights: made for optimising pictures, several
/// times faster than the same chain layer by layer. chain_features() is its plain reference.
class FastChain {
 public:
  /// @throws Error for reflection padding, which only chain_features() offers.
  FastChain(const ConvChain& chain, Pooling pooling, bool bf16);
  ~FastChain();

  /// @param image  [1, 3, H, W], float32, CPU, RGB in [0, 1].
  /// @param taps   relu taps only ("relu4_1").
  /// @return       float32 [1, C, h, w] per tap, whatever the arithmetic was.
  std::vector<Tensor> features(const Tensor& image, const std::vector<std::string>& taps) const;

 private:
  struct Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace atelier
