#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "encoders/encoder.h"
#include "networks/network.h"

/// Networks that turn an encoder's features back into pictures.
namespace atelier::reconstruction {

/// How a decoder differs from the mirror image of its encoder.
struct MirrorOptions {
  double width = 1;        ///< channels between its first and last layer, relative to the encoder's
  bool last_relu = false;  ///< a ReLU after the last convolution too
  bool unpool = false;     ///< instead of repeating values, put them where the encoder's pooling found the largest
};

/// A decoder with random weights that undoes `chain` from `tap`: its convolutions in reverse order, named as what they
/// undo ("conv4_1" comes first for relu4_1), each 3×3 with reflected edges and a ReLU after all but the last, and an
/// upsampling where the encoder pools. Inputs: "features" [N, C, h, w]; with `unpool` also the feature before each
/// pooling, under its tap ("relu1_2"), which needs width 1. Output: a picture, nominally in [0, 1].
/// @throws Error for an unknown tap, or a width that is not above 0, or not 1 with `unpool`.
Network mirror_decoder(const ConvChain& chain, const std::string& tap, const MirrorOptions& options = {},
                       std::uint64_t seed = 1);

/// Gives the mirror's layers the weights of a file: conv4_1.weight or conv41.weight, and .bias.
/// @throws Error when one is missing or of another shape.
Network read_mirror(const ConvChain& chain, const std::string& tap, const WeightSet& weights,
                    const MirrorOptions& options = {});

/// Several decoders as one network, so that they live in one file: the nodes of the decoder for relu4_1 are called
/// "relu4_1.conv4_1" and so on, its inputs too.
Network join_decoders(const std::vector<std::pair<std::string, Network>>& by_tap);

/// The taps of a joined network, deepest first.
std::vector<std::string> decoder_taps(const Network& joined);

/// One of them, with its own names again. @throws Error when there is none for `tap`.
Network decoder_of(const Network& joined, const std::string& tap);

/// An encoder up to a tap and the way back. The features are the encoder's raw ones, without readout: a decoder needs
/// all that the network knows, not only what its teachers saw.
struct Level {
  std::string tap;
  std::shared_ptr<const Encoder> encoder;
  Network decoder;
};

/// The levels of a model, deepest first.
///
/// @param model  a model of kind "decoder" by name or file, whose metadata "encoder" names its encoder; or a folder
///               with encoder-N and decoder-N (.safetensors or .pth), N from 1 to 5, as published for the compressed
///               VGG-19 (Wang et al., "Collaborative Distillation for Ultra-Resolution Universal Style Transfer",
///               CVPR 2020): reflected edges, a ReLU after the decoders' last layer too.
/// @param method the method that asks; the model's metadata must name it.
/// @throws Error when the model is missing, of another kind or for another method.
std::vector<Level> open_levels(const std::string& model, const std::string& method, Precision precision);

/// The model's content: its decoders, and the metadata by which open_levels() knows it.
WeightSet write_decoders(const std::vector<std::pair<std::string, Network>>& by_tap, const std::string& method,
                         const std::string& encoder, bool half);

}  // namespace atelier::reconstruction
