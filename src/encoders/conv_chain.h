#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tensor/tensor.h"
#include "weights/weight_set.h"

namespace atelier {

/// How 2×2 windows are reduced between blocks.
enum class Pooling { kMax, kAverage };

/// What lies beyond the picture's edge for 3×3 convolutions.
enum class Padding { kZero, kReflection };

/// One 3×3 convolution of a VGG-shaped network; a ReLU follows it.
struct ChainLayer {
  std::string name;          ///< "conv4_2"
  bool pool_before = false;  ///< first of its block, but for block 1
  Tensor weight;             ///< [out, in, 3, 3]
  Tensor bias;               ///< [out]
};

/// A VGG-shaped network as data: blocks of 3×3 convolutions with ReLU, 2×2 pooling between
/// blocks. VGG-16, VGG-19, their distilled relatives and our compact encoder are all of this
/// form and differ only in depth, widths and preprocessing, which are read from the weights.
struct ConvChain {
  Tensor input_weight;  ///< [3, 3, 1, 1]: colour matrix applied to RGB in [0, 1]
  Tensor input_bias;    ///< [3]
  std::vector<ChainLayer> layers;
  Padding padding = Padding::kZero;
  /// Linear maps [C, C, 1, 1] applied to the features given out at a tap ("relu4_1"), not to those that flow on.
  /// The compact encoder's readouts turn its features so that distances and Gram matrices agree with its teachers'.
  std::map<std::string, Tensor> readouts;

  /// Position of a tap's layer. @throws Error listing the taps when there is none.
  std::size_t layer_of(const std::string& tap) const;
  /// Channels of a tap ("relu4_1" or "conv4_1").
  std::int64_t channels(const std::string& tap) const;
  /// Picture pixels per feature position: 1, 2, 4, 8 or 16.
  std::int64_t stride(const std::string& tap) const;
  /// All tensors, for optimisers and files, as name → tensor ("conv1_1.weight", ...).
  std::vector<std::pair<std::string, Tensor>> parameters() const;
};

/// What a weight file's first layer expects of the picture.
enum class InputConvention {
  kStored,       ///< tensors input.weight/input.bias or conv0.weight/conv0.bias
  kTorchvision,  ///< (x − mean) / std per channel, ImageNet statistics, RGB
  kCaffe,        ///< BGR, 0 … 255, minus (103.939, 116.779, 123.68)
};

/// Builds a chain from tensors named convB_I (or convBI).weight/.bias; other names are ignored.
/// Without a stored input layer the convention comes from metadata "preprocessing" ("torchvision" or
/// "caffe"), else `fallback`. Padding comes from metadata "padding", else zero.
/// @throws Error for missing layers or shapes that do not chain.
ConvChain read_chain(const WeightSet& weights, InputConvention fallback = InputConvention::kTorchvision);

/// Brings all tensors to a device.
void move_chain(ConvChain& chain, torch::Device device);

/// The inverse of read_chain(): tensors by the names above, in half precision when `half`.
WeightSet write_chain(const ConvChain& chain, bool half);

/// The features that leave the chain at `tap`: with its readout, if it has one, in float32 at least.
Tensor read_out(const ConvChain& chain, const std::string& tap, const Tensor& features);

/// Features of `image` at `taps` by plain LibTorch operations: differentiable in the image and
/// the weights, any device, any floating type.
///
/// @param image    [N, 3, H, W], RGB in [0, 1].
/// @param compute  type of the arithmetic (kFloat, kDouble or kBFloat16); features come in it.
/// @return         one [N, C, h, w] per tap, in the order of `taps`.
std::vector<Tensor> chain_features(const ConvChain& chain, const Tensor& image, const std::vector<std::string>& taps,
                                   Pooling pooling = Pooling::kMax, torch::ScalarType compute = torch::kFloat);

/// The same without readouts: the features as they flow on.
std::vector<Tensor> raw_chain_features(const ConvChain& chain, const Tensor& image,
                                       const std::vector<std::string>& taps, Pooling pooling = Pooling::kMax,
                                       torch::ScalarType compute = torch::kFloat);

}  // namespace atelier
