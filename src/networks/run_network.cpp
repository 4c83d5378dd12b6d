#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "core/out_of_memory.h"
#include "networks/network.h"
#include "networks/pad_edges.h"
#include "networks/pixel_conv.h"
#include "networks/pixel_norm.h"
#include "networks/transposed_conv.h"
#include "networks/upsample_bilinear.h"
#include "tensor/guided_filter.h"
#include "tensor/layout.h"

namespace atelier {
namespace {

namespace functional = torch::nn::functional;

/// Places of a map up to which a convolution of it is left in single precision: so small a map has fewer values than
/// the layer has weights, and converting those to bfloat16, and their gradients back, takes longer than it saves.
constexpr std::int64_t kFewPlaces = 256;

/// One pass over the nodes. A value is dropped after its last use, so that applying a network needs no more memory
/// than its widest place.
class Pass {
 public:
  Pass(const Network& network, const std::map<std::string, Tensor>& inputs, const std::vector<std::string>& wanted,
       torch::ScalarType compute, const Learning* learning)
      : network_(network), given_(inputs), wanted_(wanted), compute_(compute), learning_(learning) {
    const auto& nodes = network.graph.nodes;
    for (const auto& name : wanted) ++uses_[network.graph.node(name).name];
    for (auto node = nodes.rbegin(); node != nodes.rend(); ++node)
      if (uses_.contains(node->name))
        for (const auto& input : node->inputs) ++uses_[input];
  }

  std::vector<Tensor> run() {
    for (const auto& node : network_.graph.nodes) {
      if (!uses_.contains(node.name)) continue;
      values_[node.name] = evaluate(node);
      for (const auto& input : node.inputs)
        if (--uses_[input] == 0) values_.erase(input);
    }
    std::vector<Tensor> results;
    for (const auto& name : wanted_) results.push_back(in_single(values_.at(name)));
    return results;
  }

 private:
  Tensor evaluate(const Node& node) try {
    switch (node.op) {
      case Op::kInput: return given(node);
      case Op::kConv: return conv(node);
      case Op::kTransposedConv: return transposed_conv(node);
      case Op::kInstanceNorm: return instance_norm(node, parameter(node, "weight"), parameter(node, "bias"));
      case Op::kConditionalNorm: return conditional_norm(node);
      case Op::kBatchNorm: return batch_norm(node);
      case Op::kLayerNorm: return layer_norm(node);
      case Op::kRelu: return relu(node);
      case Op::kLeakyRelu: return leaky_relu(node);
      case Op::kTanh: return torch::tanh(input(node));
      case Op::kSigmoid: return torch::sigmoid(input(node));
      case Op::kScale: return input(node) * node.value + node.offset;
      case Op::kUpsample: return upsample(node);
      case Op::kUpsampleBilinear: return upsample_bilinear(node);
      case Op::kUpsampleBilinearCorner: return upsample_from_corner(node);
      case Op::kMaxPool: return torch::max_pool2d(input(node), node.factor);
      case Op::kAveragePool: return torch::avg_pool2d(input(node), node.factor);
      case Op::kUnpool: return unpool(node);
      case Op::kAdd: return sum(node);
      case Op::kConcat: return torch::cat(all_inputs(node), 1);
      case Op::kDropout: return dropout(node);
      case Op::kPixelShuffle: return torch::pixel_shuffle(input(node), node.factor);
      case Op::kCoMatch: return co_match(node);
      case Op::kGuidedFilter: return guided_filter(node);
    }
    throw Error("the operation is unknown; update Atelier");
  } catch (const c10::Error& error) {
    if (out_of_memory(error)) throw;
    throw Error("network node \"" + node.name + "\": " + error.what_without_backtrace() +
                "; the input does not fit this network");
  }

  Tensor given(const Node& node) const {
    const auto found = given_.find(node.name);
    require(found != given_.end() && found->second.defined(),
            "the network needs the input \"" + node.name + "\", which was not given");
    const auto& parameters = network_.parameters;
    return parameters.empty() ? found->second.to(compute_)
                              : found->second.to(parameters.begin()->second.device(), compute_);
  }

  const Tensor& input(const Node& node, std::size_t index = 0) const { return values_.at(node.inputs.at(index)); }

  /// Whether a node's result may be written over its first input: where this is its only use, here and elsewhere.
  bool may_overwrite(const Node& node) const {
    const auto& x = input(node);
    return applied() && pixel_by_pixel(x) && uses_.at(node.inputs.front()) == 1 && x.use_count() == 1 &&
           x.storage().use_count() == 1;
  }

  Tensor relu(const Node& node) {
    auto& x = values_.at(node.inputs.front());
    return may_overwrite(node) ? torch::relu_(x) : torch::relu(x);
  }

  Tensor leaky_relu(const Node& node) {
    auto& x = values_.at(node.inputs.front());
    return may_overwrite(node) ? torch::leaky_relu_(x, node.value) : torch::leaky_relu(x, node.value);
  }

  Tensor sum(const Node& node) {
    auto& x = values_.at(node.inputs.front());
    return may_overwrite(node) && x.sizes() == input(node, 1).sizes() ? x.add_(input(node, 1)) : x + input(node, 1);
  }

  std::vector<Tensor> all_inputs(const Node& node) const {
    std::vector<Tensor> all;
    for (const auto& name : node.inputs) all.push_back(values_.at(name));
    return all;
  }

  bool has(const Node& node, const char* which) const { return network_.parameters.contains(node.name + "." + which); }

  const Tensor& parameter(const Node& node, const char* which) const {
    const auto found = network_.parameters.find(node.name + "." + which);
    require(found != network_.parameters.end(),
            "the network lacks \"" + node.name + "." + which + "\"; its model file is damaged or of another kind");
    return found->second;
  }

  torch::ScalarType type_of_convolution(const Tensor& x) const {
    const bool few = compute_ == torch::kBFloat16 && x.size(0) * x.size(2) * x.size(3) <= kFewPlaces;
    return few ? torch::kFloat : compute_;
  }
  /// A parameter as the layer computes, undefined where it has none.
  Tensor in_type(const Node& node, const char* which, torch::ScalarType type) const {
    return has(node, which) ? parameter(node, which).to(type) : Tensor();
  }
  /// Norms calculate in single precision whatever the convolutions do.
  Tensor in_single(const Tensor& tensor) const {
    return tensor.to(compute_ == torch::kDouble ? torch::kDouble : torch::kFloat);
  }

  /// Lets go of a node's first input, of which it has a copy by now, where no other needs it.
  void release_input(const Node& node) {
    if (uses_.at(node.inputs.front()) == 1) values_.erase(node.inputs.front());
  }

  Tensor conv(const Node& node) {
    const auto type = type_of_convolution(input(node));
    auto x = input(node).to(type);
    std::int64_t zeros = 0;
    if (node.edge == Edge::kSame) {
      x = padded_same(x, node);
    } else if (node.edge == Edge::kZero) {
      zeros = node.padding;
    } else if (node.padding > 0) {
      x = pad_edges(x, node.padding, node.edge == Edge::kReflection);
    }
    const auto weight = parameter(node, "weight").to(type);
    x = arranged(x, weight);
    release_input(node);
    const auto bias = in_type(node, "bias", type);
    if (by_pixels(x)) return conv_of_pixels(x, weight, bias, node.stride, zeros, node.groups).to(compute_);
    return torch::conv2d(x, weight, bias, node.stride, zeros, 1, node.groups).to(compute_);
  }

  /// Whether the network is applied, and not learnt or differentiated.
  bool applied() const { return learning_ == nullptr && !torch::GradMode::is_enabled(); }

  /// oneDNN behind LibTorch is two to five times as fast with channels last, but for the way back in bfloat16.
  bool pixel_by_pixel(const Tensor& x) const {
    return x.is_cpu() && (compute_ == torch::kFloat || (compute_ == torch::kBFloat16 && applied()));
  }

  /// In the layout in which a convolution by `weight` is fastest. While learning, weights that outnumber the
  /// batch's values make it plane by plane: their copies in the other layout, one way and back, cost more than that
  /// saves.
  Tensor arranged(const Tensor& x, const Tensor& weight) const {
    if (!pixel_by_pixel(x)) return x;
    const bool heavy = !applied() && weight.numel() > x.numel();
    return x.contiguous(heavy ? torch::MemoryFormat::Contiguous : torch::MemoryFormat::ChannelsLast);
  }

  static Tensor padded_same(const Tensor& x, const Node& node) {
    const auto total = [&](std::int64_t size) {
      const auto results = (size + node.stride - 1) / node.stride;
      return std::max<std::int64_t>((results - 1) * node.stride + node.kernel - size, 0);
    };
    const auto rows = total(x.size(2)), columns = total(x.size(3));
    return torch::constant_pad_nd(x, {columns / 2, columns - columns / 2, rows / 2, rows - rows / 2});
  }

  /// The full result is (n − 1)·stride + kernel long; the surplus over n·stride is cut, the smaller half first.
  Tensor transposed_conv(const Node& node) const {
    const auto type = type_of_convolution(input(node));
    const auto weight = parameter(node, "weight").to(type), x = arranged(input(node).to(type), weight);
    const auto full =
        atelier::transposed_conv(x, weight, in_type(node, "bias", type), node.stride, node.groups).to(compute_);
    const auto height = x.size(2) * node.stride, width = x.size(3) * node.stride;
    const auto cut = full.narrow(2, (full.size(2) - height) / 2, height).narrow(3, (full.size(3) - width) / 2, width);
    return arranged(cut, weight);
  }

  bool by_pixels(const Tensor& x) const {
    return pixel_by_pixel(x) && x.is_contiguous(torch::MemoryFormat::ChannelsLast);
  }
  bool painted_by_pixels(const Tensor& x) const { return applied() && pixel_by_pixel(x) && is_channels_last(x); }

  /// Batch norm with every picture's channel as a channel of its own.
  Tensor normalised(const Node& node, const Tensor& weight, const Tensor& bias) const {
    const auto& x = input(node);
    if (painted_by_pixels(x))
      return norm_of_pixels(x, weight, bias, node.value, NormOver::kChannel, may_overwrite(node));
    if (x.scalar_type() == torch::kFloat && by_pixels(x)) return learning_instance_norm(x, weight, bias, node.value);
    const auto planes = x.reshape({1, x.size(0) * x.size(1), x.size(2), x.size(3)});
    return torch::batch_norm(planes, weight, bias, {}, {}, true, 0, node.value, false).reshape(x.sizes());
  }

  Tensor instance_norm(const Node& node, const Tensor& weight, const Tensor& bias) const {
    const auto pictures = input(node).size(0);
    return normalised(node, in_single(weight).repeat({pictures}), in_single(bias).repeat({pictures}));
  }

  Tensor conditional_norm(const Node& node) const {
    const auto shares = in_single(input(node, 1));
    const auto weight = shares.matmul(in_single(parameter(node, "weight")));
    const auto bias = shares.matmul(in_single(parameter(node, "bias")));
    const auto pictures = input(node).size(0);
    require(shares.dim() == 2 && (shares.size(0) == pictures || shares.size(0) == 1),
            "the shares of the styles must be [pictures, styles]; check what is passed");
    const auto fitted = [&](const Tensor& t) { return t.expand({pictures, t.size(1)}).reshape({-1}); };
    return normalised(node, fitted(weight), fitted(bias));
  }

  Tensor batch_norm(const Node& node) const {
    if (learning_ != nullptr && learning_->batch_statistics) return batch_norm_of_batch(node);
    return torch::batch_norm(input(node), in_single(parameter(node, "weight")), in_single(parameter(node, "bias")),
                             in_single(parameter(node, "mean")), in_single(parameter(node, "variance")), false, 0,
                             node.value, false);
  }

  /// The stored statistics move by a tenth, as in PyTorch's layer; those of a broken batch are left out.
  Tensor batch_norm_of_batch(const Node& node) const {
    constexpr double kMomentum = 0.1;
    auto mean = in_single(parameter(node, "mean")).detach().clone();
    auto variance = in_single(parameter(node, "variance")).detach().clone();
    const auto result =
        torch::batch_norm(input(node), in_single(parameter(node, "weight")), in_single(parameter(node, "bias")), mean,
                          variance, true, kMomentum, node.value, false);
    const torch::NoGradGuard no_grad;
    for (const auto& [stored, measured] :
         {std::pair(parameter(node, "mean"), mean), std::pair(parameter(node, "variance"), variance)})
      stored.copy_(torch::where(measured.isfinite(), measured.to(stored.scalar_type()), stored));
    return result;
  }

  /// Every node drops values of its own: its place in the graph goes into the seed.
  Tensor dropout(const Node& node) const {
    if (learning_ == nullptr || node.value <= 0) return input(node);
    const auto place = static_cast<std::uint64_t>(&node - network_.graph.nodes.data());
    const auto random = at::detail::createCPUGenerator(learning_->seed * 4099 + place);
    const auto& x = input(node);
    const auto kept = at::rand(x.sizes(), random, torch::kFloat).ge(node.value).to(x.device(), x.scalar_type());
    return x * kept / (1 - node.value);
  }

  /// Group norm with all channels in one group: per picture, with a weight and a bias per channel.
  Tensor layer_norm(const Node& node) const {
    if (painted_by_pixels(input(node)))
      return norm_of_pixels(input(node), parameter(node, "weight"), parameter(node, "bias"), node.value,
                            NormOver::kAllChannels, may_overwrite(node));
    return torch::group_norm(in_single(input(node)), 1, in_single(parameter(node, "weight")),
                             in_single(parameter(node, "bias")), node.value, false)
        .to(compute_);
  }

  static functional::InterpolateFuncOptions larger(const Node& node) {
    const auto factor = static_cast<double>(node.factor);
    return functional::InterpolateFuncOptions().scale_factor(std::vector<double>{factor, factor});
  }

  Tensor upsample(const Node& node) const {
    return functional::interpolate(input(node), larger(node).mode(torch::kNearest));
  }

  Tensor upsample_bilinear(const Node& node) const {
    if (node.factor == 2) return upsample_bilinear_twice(input(node));
    return functional::interpolate(input(node), larger(node).mode(torch::kBilinear).align_corners(false));
  }

  /// With its edge repeated once, the picture's corners and those of factor · size + 1 results coincide.
  Tensor upsample_from_corner(const Node& node) const {
    auto x = input(node);
    const auto height = x.size(2) * node.factor, width = x.size(3) * node.factor;
    for (const std::int64_t dimension : {2, 3}) x = torch::cat({x, x.slice(dimension, -1)}, dimension);
    return torch::upsample_bilinear2d(x, at::IntArrayRef{height + 1, width + 1}, true)
        .narrow(2, 0, height)
        .narrow(3, 0, width);
  }

  Tensor guided_filter(const Node& node) const {
    return guided_filter_by_channel(in_single(input(node)), in_single(input(node, 1)), node.factor, node.value)
        .to(compute_);
  }

  /// In single precision: LibTorch 1.13 has no bfloat16 kernel for it.
  Tensor unpool(const Node& node) const {
    const auto before = in_single(input(node, 1));
    const auto places = std::get<1>(torch::max_pool2d_with_indices(before, node.factor));
    return torch::max_unpool2d(in_single(input(node)), places, {before.size(2), before.size(3)}).to(compute_);
  }

  Tensor co_match(const Node& node) const {
    const auto& x = input(node);
    const auto map = parameter(node, "weight").to(compute_).matmul(input(node, 1)).transpose(1, 2);
    return map.matmul(x.flatten(2)).reshape(x.sizes());
  }

  const Network& network_;
  const std::map<std::string, Tensor>& given_;
  const std::vector<std::string>& wanted_;
  torch::ScalarType compute_;
  const Learning* learning_;  ///< null when applied
  std::map<std::string, Tensor> values_;
  std::map<std::string, int> uses_;
};

const std::string& last_node(const Network& network) {
  require(!network.graph.nodes.empty(), "the network has no nodes; check its model file");
  return network.graph.nodes.back().name;
}

}  // namespace

std::vector<Tensor> node_values(const Network& network, const std::map<std::string, Tensor>& inputs,
                                const std::vector<std::string>& wanted, torch::ScalarType compute,
                                const Learning* learning) {
  return Pass(network, inputs, wanted, compute, learning).run();
}

Tensor run_network(const Network& network, const std::map<std::string, Tensor>& inputs, torch::ScalarType compute) {
  return node_values(network, inputs, {last_node(network)}, compute).front();
}

Tensor run_network(const Network& network, const std::map<std::string, Tensor>& inputs, torch::ScalarType compute,
                   const Learning& learning) {
  return node_values(network, inputs, {last_node(network)}, compute, &learning).front();
}

}  // namespace atelier
