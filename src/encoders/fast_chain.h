#pragma once
#include <memory>
#include <string>
#include <vector>

#include "encoders/conv_chain.h"

namespace atelier {

/// A ConvChain on oneDNN primitives, and in float32 Winograd's filters from 32 channels on (tensor/winograd_conv.h):
/// channels last from the first layer to the last, ReLU fused into the convolutions, no copies between them, float32 or
/// bfloat16 (AMX where the processor has it). Differentiable in the pictures, not in the weights: made for optimising
/// pictures and for the losses of networks in training, several times faster than the same chain layer by layer.
/// raw_chain_features() is its plain reference.
///
/// The primitives for the last few batch and picture sizes are kept; another size costs some milliseconds the first
/// time. Safe to use from several threads.
class FastChain {
 public:
  /// @throws Error for reflection padding, which only chain_features() offers.
  FastChain(const ConvChain& chain, Pooling pooling, bool bf16);
  ~FastChain();

  /// @param image  [N, 3, H, W], float32, CPU, RGB in [0, 1]; N ≥ 1.
  /// @param taps   relu taps only ("relu4_1").
  /// @return       float32 [N, C, h, w] per tap, whatever the arithmetic was, with channels last in memory, without
  ///               the chain's readouts. Where a gradient is wanted they must not be changed in place.
  /// @throws Error for other pictures and taps, and for pictures too small for a tap's pooling.
  std::vector<Tensor> raw_features(const Tensor& image, const std::vector<std::string>& taps) const;

 private:
  struct Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace atelier
