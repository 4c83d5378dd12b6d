#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "encoders/conv_chain.h"
#include "encoders/fast_chain.h"

namespace atelier {

/// How an encoder computes. kAuto takes bfloat16 where the processor gains by it (tensor/onednn.h).
enum class Precision { kAuto, kFloat32, kBFloat16 };

/// @throws Error when `name` is not "auto", "fp32" or "bf16".
Precision parse_precision(const std::string& name);

/// Whether kAuto means bfloat16 on this machine.
bool has_fast_bf16();

/// Whether `precision` means bfloat16 on this machine; what encoders and painting networks go by.
bool wants_bf16(Precision precision);

struct EncoderOptions {
  Pooling pooling = Pooling::kMax;
  std::optional<Padding> padding = {};  ///< empty: as the network was trained
  Precision precision = Precision::kAuto;
  torch::Device device = torch::kCPU;  ///< where it computes; pictures are brought there
};

/// A frozen feature network: pictures in, features at named layers out, differentiable in the picture.
///
/// On the processor batches of any size take the fast path (FastChain) for float32 pictures and relu taps, forward and
/// backward; all else runs on chain_features().
///
/// Taps are named as in the field: relu4_2 is the second convolution of block 4 after its ReLU,
/// conv4_2 the same before it. Safe to use from several threads.
class Encoder {
 public:
  Encoder(ConvChain chain, const EncoderOptions& options);

  /// @param image  [N, 3, H, W], RGB in [0, 1].
  /// @return       [N, C, h, w] per tap; float32, or float64 for a float64 picture.
  /// @throws Error when the picture is too small for a tap's pooling, or a tap is unknown.
  std::vector<Tensor> features(const Tensor& image, const std::vector<std::string>& taps) const;

  /// The same without the chain's readouts, for losses that take the readout as an argument: the loss of a Gram
  /// matrix then costs no product over the pixels for it (see losses::gram_loss_with_gradient).
  std::vector<Tensor> raw_features(const Tensor& image, const std::vector<std::string>& taps) const;

  /// The matrix R, [C, C] float32, that turns raw_features() at `tap` into features(): R · F over the channels.
  /// Undefined where the two are the same.
  Tensor readout(const std::string& tap) const;

  const ConvChain& chain() const { return chain_; }
  const EncoderOptions& options() const { return options_; }
  bool bf16() const { return bf16_; }

 private:
  ConvChain chain_;
  EncoderOptions options_;
  bool bf16_ = false;
  std::shared_ptr<FastChain> fast_;  ///< empty for reflection padding
};

/// Opens an encoder by model name ("compact", "vgg19") or weight file; see open_model().
/// @throws Error when it cannot be found or is not an encoder.
std::shared_ptr<const Encoder> open_encoder(const std::string& name_or_path, const EncoderOptions& options = {});

}  // namespace atelier
