#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "encoders/encoder.h"
#include "methods/model_iteration/reconstruction/feature_transform.h"
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

/// What skip_decoder() leaves open.
struct SkipOptions {
  double width = 1;         ///< channels between first and last layer, relative to the encoder's
  int residual_blocks = 2;  ///< at the deepest size
};

/// A decoder for one pass through all levels: the mirror image of `chain` from the first of `taps`, preceded by residual
/// blocks, to which the features of every further tap are joined where its size is reached. Inputs: "features" for the
/// first tap and "styled.TAP" for the others, whose statistics have been replaced too. Output as mirror_decoder().
///
/// @param taps  deepest first, "relu4_1", "relu3_1", …
/// @throws Error for an unknown tap, taps that are not in order, or a width that is not above 0.
Network skip_decoder(const ConvChain& chain, const std::vector<std::string>& taps, const SkipOptions& options = {},
                     std::uint64_t seed = 1);

/// The start of the name of inputs whose statistics have been replaced.
inline constexpr std::string_view kStyled = "styled.";

/// The tap whose features a decoder's input of this name takes: "features" the decoder's own tap, "styled.TAP" TAP, any
/// other name the tap of that name.
std::string tap_of_input(const std::string& input, const std::string& own_tap);

/// Whether the statistics of those features are replaced: not for what unpooling asks for.
bool is_transferred(const std::string& input);

/// A decoder's inputs from the features of one picture by tap, with the statistics of the styles at that tap.
/// @param names  graph.inputs().
std::map<std::string, Tensor> decoder_inputs(const std::vector<std::string>& names, const std::string& own_tap,
                                             const std::map<std::string, Tensor>& features,
                                             const std::map<std::string, std::vector<StyleTarget>>& styles,
                                             Transform transform, double alpha, double least = kLeastEigenvalue);

/// Scales every convolution so that its results have a deviation of 1 on `given`, and the last one's those of pictures:
/// training then starts where random weights would bring it after hundreds of steps (Mishkin & Matas, "All you need is
/// a good init", ICLR 2016).
void scale_to_data(Network& network, const std::map<std::string, Tensor>& given);

/// Gives the mirror's layers the weights of a file: conv4_1.weight or conv41.weight, and .bias.
/// @throws Error when one is missing or of another shape.
Network read_mirror(const ConvChain& chain, const std::string& tap, const WeightSet& weights,
                    const MirrorOptions& options = {});

/// Several decoders as one network, so that they live in one file: the nodes of the decoder for relu4_1 are called
/// "relu4_1.conv4_1" and so on, its inputs too.
Network join_decoders(const std::vector<std::pair<std::string, Network>>& by_tap);

/// Joined decoders of any method, to start a training from, and that method.
struct StartDecoders {
  Network joined;
  std::string method;
};

/// @param model    of kind "decoder", by name or file.
/// @throws Error   when it is missing or of another kind.
StartDecoders open_start(const std::string& model);

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
