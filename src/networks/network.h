#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tensor/tensor.h"
#include "weights/weight_set.h"

namespace atelier {

/// What a node of a network computes from its inputs [N, C, H, W]. Parameters of node "x" are "x.weight", "x.bias".
enum class Op {
  kInput,            ///< given at run time under the node's name
  kConv,             ///< weight [out, in / groups, k, k], bias [out] unless absent; padding by `padding` and `pad`
  kTransposedConv,   ///< weight [in, out / groups, k, k]; the result is exactly `stride` times as large
  kInstanceNorm,     ///< weight, bias [C]: per picture and channel over the pixels, biased variance, `value` = epsilon
  kConditionalNorm,  ///< weight, bias [S, C]: the same, mixed by the second input, shares of the styles [N, S]
  kBatchNorm,        ///< weight, bias, mean, variance [C]: with stored statistics
  kLayerNorm,        ///< weight, bias [C]: per picture over channels and pixels
  kRelu,
  kLeakyRelu,  ///< slope `value` below zero
  kTanh,
  kSigmoid,
  kScale,     ///< x · value + offset
  kUpsample,  ///< `factor` times as large, nearest neighbour
  kUpsampleBilinear,
  kUpsampleBilinearCorner,  ///< bilinear too, but result i lies at i / `factor` and not at (i + ½) / `factor` − ½;
                            ///< beyond the last value the edge is repeated. TensorFlow's old resize_bilinear
  kMaxPool,  ///< windows and stride of `factor`, rounded down
  kAveragePool,
  kUnpool,   ///< the first input's values where the second has the largest of each `factor` window, zeros elsewhere
  kAdd,      ///< of two inputs of one shape
  kConcat,   ///< along the channels
  kDropout,  ///< the share `value` of the values set to zero, the others enlarged to make up for it; while learning
             ///< only
  kPixelShuffle,  ///< `factor` times as large, from `factor`² times as many channels: channel c, row r, column s of a
                  ///< result's square come from channel (c · factor + r) · factor + s
  kCoMatch,  ///< weight [C, C]: pixels times (weight · G)ᵀ, G [N or 1, C, C] the second input (Zhang & Dana 2017, eq.
             ///< 4)
  kGuidedFilter,  ///< of the first input by the second as guide, of one shape, each channel by itself: windows of
                  ///< `factor` pixels around each, epsilon `value` (tensor/guided_filter.h)
};

/// What lies beyond the edge for a convolution.
enum class Edge {
  kZero,
  kReflection,  ///< edge pixel not repeated
  kReplicate,
  kSame,  ///< zeros, TensorFlow's SAME: ⌈size / stride⌉ results, the smaller half of the padding first
};

/// One operation; fields that its Op does not name are left at their defaults.
struct Node {
  std::string name;
  Op op = Op::kInput;
  std::vector<std::string> inputs;
  int kernel = 0;
  int stride = 1;
  int groups = 1;
  int padding = 0;  ///< pixels on each side; not for Edge::kSame
  Edge edge = Edge::kZero;
  int factor = 0;
  double value = 0;
  double offset = 0;
};

/// A feed-forward network as data: nodes in an order in which each comes after its inputs; the last is the output.
/// The same description is run by LibTorch (run_network), trained, written to files and exported.
struct Graph {
  std::vector<Node> nodes;
  /// @throws Error when there is none of that name.
  const Node& node(const std::string& name) const;
  /// Names of the kInput nodes.
  std::vector<std::string> inputs() const;
};

using Parameters = std::map<std::string, Tensor>;

struct Network {
  Graph graph;
  Parameters parameters;  ///< float, leaf tensors
};

/// Whether a parameter is a statistic of kBatchNorm, which is measured and not learnt by gradients.
bool is_statistic(const std::string& parameter);

/// How a network runs while it learns, where that differs from being applied.
struct Learning {
  std::uint64_t seed = 0;        ///< of kDropout: the same seed drops the same values
  bool batch_statistics = true;  ///< kBatchNorm normalises by its batch, and its stored statistics follow in place
};

/// Runs `network`: differentiable, twice too, in inputs and parameters, on the device where its parameters are; inputs
/// are brought there. On the processor float32 takes faster ways than LibTorch's (pixel_conv.h).
///
/// Networks that make pictures take "picture" [N, 3, H, W] in [0, 1], RGB, and give the same, not clamped.
/// @param compute  type of the convolutions (kFloat, kDouble or kBFloat16); results come in kFloat, or kDouble.
/// @throws Error   naming the node whose shapes do not fit, or a missing input or parameter.
Tensor run_network(const Network& network, const std::map<std::string, Tensor>& inputs,
                   torch::ScalarType compute = torch::kFloat);

/// The same while learning.
Tensor run_network(const Network& network, const std::map<std::string, Tensor>& inputs, torch::ScalarType compute,
                   const Learning& learning);

/// The values of the nodes `wanted`, in their order. Only what leads to them is computed and must be given, so that
/// part of a network can be run by itself.
/// @param learning  null when the network is applied.
/// @throws Error    as run_network(), and when there is no node of that name.
std::vector<Tensor> node_values(const Network& network, const std::map<std::string, Tensor>& inputs,
                                const std::vector<std::string>& wanted, torch::ScalarType compute = torch::kFloat,
                                const Learning* learning = nullptr);

/// Builds a network node by node with random parameters (He et al. 2015 for convolutions; norms start as the
/// identity). Every call returns the new node's name, to be passed on.
class NetworkBuilder {
 public:
  explicit NetworkBuilder(std::uint64_t seed = 0);

  struct Conv {
    int stride = 1;
    Edge edge = Edge::kReflection;
    int groups = 1;
    bool bias = true;
    int padding = -1;  ///< pixels on each side; −1: kernel / 2
  };

  std::string input(const std::string& name);
  /// Padded by kernel / 2 unless told otherwise, so that stride 1 keeps the size for odd kernels.
  std::string conv(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out, int kernel,
                   const Conv& how);
  std::string conv(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out, int kernel) {
    return conv(name, from, in, out, kernel, Conv());
  }
  std::string transposed_conv(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out,
                              int kernel, int stride, bool bias = true);
  std::string instance_norm(const std::string& name, const std::string& from, std::int64_t channels,
                            double epsilon = 1e-5);
  std::string batch_norm(const std::string& name, const std::string& from, std::int64_t channels,
                         double epsilon = 1e-5);
  std::string layer_norm(const std::string& name, const std::string& from, std::int64_t channels,
                         double epsilon = 1e-5);
  /// @param shares  name of the input with the shares [N, styles].
  std::string conditional_norm(const std::string& name, const std::string& from, const std::string& shares,
                               std::int64_t styles, std::int64_t channels, double epsilon = 1e-5);
  /// @param gram  name of the input with the Gram matrices. The weight starts random in [0, 10.24 / channels): the
  ///              authors' [0, 0.02) for their 512 channels.
  std::string co_match(const std::string& name, const std::string& from, const std::string& gram,
                       std::int64_t channels);
  /// An op without parameters: kRelu, kLeakyRelu (value), kTanh, kSigmoid, kAdd, kConcat, kDropout (value).
  std::string apply(const std::string& name, Op op, const std::vector<std::string>& from, double value = 0);
  std::string scale(const std::string& name, const std::string& from, double factor, double offset);
  /// kUpsample, kUpsampleBilinear, kUpsampleBilinearCorner, kMaxPool, kAveragePool, kPixelShuffle.
  std::string resize(const std::string& name, Op op, const std::string& from, int factor = 2);

  /// Undoes a max pooling whose input was `before`, which also gives the size.
  std::string unpool(const std::string& name, const std::string& from, const std::string& before, int factor = 2);

  /// Smooths `from` where `guide` is smooth, in windows of `radius` pixels around each.
  std::string guided_filter(const std::string& name, const std::string& from, const std::string& guide, int radius,
                            double epsilon);

  /// Hands over the network. @throws Error when a node's input does not stand before it.
  Network build();

 private:
  std::string add(Node node);
  void parameter(const std::string& name, Tensor value);
  Network network_;
  torch::Generator random_;  // its own: others build networks at the same time
};

/// The graph as JSON, as kept in a model file's metadata "graph"; and back.
/// @throws Error when `json` is no graph: unknown op, missing or repeated name, input before its node, value absurd.
std::string to_json(const Graph& graph);
Graph graph_from_json(const std::string& json);

/// A model file's content: the parameters by name (F16 when `half`, else F32) and the graph in the metadata.
WeightSet write_network(const Network& network, bool half);

/// The inverse. @throws Error when the file holds no graph, or a parameter is missing or of the wrong shape.
Network read_network(const WeightSet& weights);

}  // namespace atelier
