#include "networks/export_onnx.h"

#include <torch/torch.h>

#include <cstring>
#include <set>

#include "atelier/error.h"
#include "core/atomic_file.h"
#include "networks/encoder_network.h"
#include "networks/network.h"
#include "weights/onnx_writer.h"

namespace atelier {
namespace {

using Ints = std::vector<std::int64_t>;

/// Writes each node of a network as one or a few of ONNX's. The last of them gives the value its node's name; those
/// before are called "NODE/...".
class Exporter {
 public:
  explicit Exporter(const Network& network) : network_(network) {}

  /// @param outputs  names of the values that the file gives out.
  OnnxModel run(const std::vector<std::string>& outputs) {
    for (const auto& node : network_.graph.nodes) add(node);
    for (const auto& node : network_.graph.nodes)
      if (node.op == Op::kInput) model_.inputs.push_back({node.name, input_shape(node.name)});
    for (const auto& name : outputs)
      model_.outputs.push_back({name, {"pictures", name + "_channels", name + "_height", name + "_width"}});
    model_.constants = constants_.build();
    return std::move(model_);
  }

 private:
  void add(const Node& node) {
    switch (node.op) {
      case Op::kInput: return;
      case Op::kConv: return conv(node);
      case Op::kTransposedConv: return transposed_conv(node);
      case Op::kInstanceNorm:
        return emit("InstanceNormalization", node, {in(node), weights(node, "weight"), weights(node, "bias")},
                    {epsilon(node)});
      case Op::kConditionalNorm: return conditional_norm(node);
      case Op::kBatchNorm:
        return emit("BatchNormalization", node,
                    {in(node), weights(node, "weight"), weights(node, "bias"), weights(node, "mean"),
                     weights(node, "variance")},
                    {epsilon(node)});
      case Op::kLayerNorm: return layer_norm(node);
      case Op::kRelu: return emit("Relu", node, {in(node)});
      case Op::kLeakyRelu: return emit("LeakyRelu", node, {in(node)}, {{"alpha", static_cast<float>(node.value)}});
      case Op::kTanh: return emit("Tanh", node, {in(node)});
      case Op::kSigmoid: return emit("Sigmoid", node, {in(node)});
      case Op::kScale:
        return emit("Add", node,
                    {part("Mul", node, "scaled", {in(node), number(node, "factor", node.value)}),
                     number(node, "offset", node.offset)});
      case Op::kUpsample: return resize(node, "nearest", "asymmetric");
      case Op::kUpsampleBilinear: return resize(node, "linear", "half_pixel");
      case Op::kUpsampleBilinearCorner: return resize(node, "linear", "asymmetric");
      case Op::kMaxPool: return emit("MaxPool", node, {in(node)}, window(node));
      case Op::kAveragePool: return emit("AveragePool", node, {in(node)}, window(node));
      case Op::kUnpool: return unpool(node);
      case Op::kAdd: return emit("Add", node, node.inputs);
      case Op::kConcat: return emit("Concat", node, node.inputs, {{"axis", std::int64_t{1}}});
      case Op::kDropout: return emit("Identity", node, {in(node)});
      case Op::kPixelShuffle:
        return emit("DepthToSpace", node, {in(node)},
                    {{"blocksize", std::int64_t{node.factor}}, {"mode", std::string("CRD")}});
      case Op::kCoMatch: return co_match(node);
      case Op::kGuidedFilter: return guided_filter(node);
    }
  }

  /// The node's own value.
  void emit(const std::string& op, const Node& node, std::vector<std::string> inputs,
            std::vector<OnnxAttribute> attributes = {}) {
    model_.nodes.push_back({op, node.name, std::move(inputs), {node.name}, std::move(attributes)});
  }

  /// A step on the way to it; returns its value's name.
  std::string part(const std::string& op, const Node& node, const std::string& what, std::vector<std::string> inputs,
                   std::vector<OnnxAttribute> attributes = {}) {
    const auto name = node.name + "/" + what;
    model_.nodes.push_back({op, name, std::move(inputs), {name}, std::move(attributes)});
    return name;
  }

  static const std::string& in(const Node& node) { return node.inputs.at(0); }
  static OnnxAttribute epsilon(const Node& node) { return {"epsilon", static_cast<float>(node.value)}; }
  static std::vector<OnnxAttribute> window(const Node& node) {
    return {{"kernel_shape", Ints{node.factor, node.factor}}, {"strides", Ints{node.factor, node.factor}}};
  }

  const Tensor& parameter(const Node& node, const char* which) const {
    return network_.parameters.at(node.name + "." + which);
  }

  std::string constant(const std::string& name, const Tensor& tensor) {
    const auto plain = tensor.detach().to(torch::kCPU, torch::kFloat).contiguous();
    constants_.add_floats(name, plain.sizes().vec(),
                          {plain.data_ptr<float>(), static_cast<std::size_t>(plain.numel())});
    return name;
  }
  std::string weights(const Node& node, const char* which) {
    return constant(node.name + "." + which, parameter(node, which));
  }
  /// A parameter per channel, in the shape that spreads it over pictures and pixels.
  std::string channel_weights(const Node& node, const char* which) {
    return constant(node.name + "." + which, parameter(node, which).reshape({1, -1, 1, 1}));
  }
  std::string number(const Node& node, const std::string& what, double value) {
    return constant(node.name + "/" + what, torch::full({}, value));
  }
  std::string integers(const Node& node, const std::string& what, const Ints& values) {
    std::vector<std::byte> bytes(values.size() * sizeof(std::int64_t));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    const auto name = node.name + "/" + what;
    constants_.add(name, DType::kI64, {static_cast<std::int64_t>(values.size())}, std::move(bytes));
    return name;
  }

  /// Input, weight and, where there is one, bias.
  std::vector<std::string> conv_inputs(const Node& node, const std::string& from) {
    std::vector<std::string> inputs = {from, weights(node, "weight")};
    if (network_.parameters.contains(node.name + ".bias")) inputs.push_back(weights(node, "bias"));
    return inputs;
  }
  static std::vector<OnnxAttribute> conv_attributes(const Node& node) {
    return {{"kernel_shape", Ints{node.kernel, node.kernel}},
            {"strides", Ints{node.stride, node.stride}},
            {"group", std::int64_t{node.groups}}};
  }

  void conv(const Node& node) {
    auto attributes = conv_attributes(node);
    auto from = in(node);
    const std::int64_t p = node.padding;
    if (node.edge == Edge::kSame) {
      attributes.push_back({"auto_pad", std::string("SAME_UPPER")});
    } else if (node.edge == Edge::kZero) {
      attributes.push_back({"pads", Ints{p, p, p, p}});
    } else if (p > 0) {
      const std::string mode = node.edge == Edge::kReflection ? "reflect" : "edge";
      from = part("Pad", node, "padded", {from, integers(node, "pads", {0, 0, p, p, 0, 0, p, p})}, {{"mode", mode}});
    }
    emit("Conv", node, conv_inputs(node, from), std::move(attributes));
  }

  /// The full result is kernel − stride longer than stride times the input, whatever the size: the smaller half of
  /// that is cut first.
  void transposed_conv(const Node& node) {
    const std::int64_t surplus = node.kernel - node.stride;
    require(surplus >= 0, "the transposed convolution \"" + node.name +
                              "\" has a kernel smaller than its stride; such a network cannot be exported");
    auto attributes = conv_attributes(node);
    const auto first = surplus / 2, last = surplus - surplus / 2;
    attributes.push_back({"pads", Ints{first, first, last, last}});
    emit("ConvTranspose", node, conv_inputs(node, in(node)), std::move(attributes));
  }

  /// shares · parameters, [rows, C], as [rows, C, 1, 1].
  std::string mixed(const Node& node, const char* which, const std::string& axes) {
    const auto rows = part("MatMul", node, std::string("mixed_") + which, {node.inputs.at(1), weights(node, which)});
    return part("Unsqueeze", node, std::string("spread_") + which, {rows, axes});
  }

  void conditional_norm(const Node& node) {
    const auto channels = parameter(node, "weight").size(1);
    const auto plain = part("InstanceNormalization", node, "normalised",
                            {in(node), constant(node.name + "/ones", torch::ones({channels})),
                             constant(node.name + "/zeros", torch::zeros({channels}))},
                            {epsilon(node)});
    const auto axes = integers(node, "axes", {2, 3});
    const auto scaled = part("Mul", node, "scaled", {plain, mixed(node, "weight", axes)});
    emit("Add", node, {scaled, mixed(node, "bias", axes)});
  }

  void layer_norm(const Node& node) {
    const std::vector<OnnxAttribute> whole = {{"axes", Ints{1, 2, 3}}, {"keepdims", std::int64_t{1}}};
    const auto mean = part("ReduceMean", node, "mean", {in(node)}, whole);
    const auto centred = part("Sub", node, "centred", {in(node), mean});
    const auto squares = part("Mul", node, "squares", {centred, centred});
    const auto variance = part("ReduceMean", node, "variance", {squares}, whole);
    const auto safe = part("Add", node, "safe_variance", {variance, number(node, "epsilon", node.value)});
    const auto normalised = part("Div", node, "normalised", {centred, part("Sqrt", node, "deviation", {safe})});
    const auto scaled = part("Mul", node, "scaled", {normalised, channel_weights(node, "weight")});
    emit("Add", node, {scaled, channel_weights(node, "bias")});
  }

  void resize(const Node& node, const char* mode, const char* coordinates) {
    const auto factor = static_cast<float>(node.factor);
    const auto scales = constant(node.name + "/scales", torch::tensor({1.F, 1.F, factor, factor}));
    emit("Resize", node, {in(node), "", scales},
         {{"mode", std::string(mode)},
          {"coordinate_transformation_mode", std::string(coordinates)},
          {"nearest_mode", std::string("floor")}});
  }

  /// MaxPool's second result says where the largest values were, and MaxUnpool puts others there.
  void unpool(const Node& node) {
    const auto& before = node.inputs.at(1);
    const auto places = node.name + "/places";
    model_.nodes.push_back({"MaxPool", node.name + "/pooled", {before}, {node.name + "/pooled", places}, window(node)});
    const auto shape = part("Shape", node, "shape", {before});
    emit("MaxUnpool", node, {in(node), places, shape}, window(node));
  }

  /// The matrix with every pixel's channels as a column of another.
  void co_match(const Node& node) {
    const auto product = part("MatMul", node, "product", {weights(node, "weight"), node.inputs.at(1)});
    const auto map = part("Transpose", node, "map", {product}, {{"perm", Ints{0, 2, 1}}});
    const auto columns = part("Reshape", node, "columns", {in(node), integers(node, "as_columns", {0, 0, -1})});
    const auto mapped = part("MatMul", node, "mapped", {map, columns});
    emit("Reshape", node, {mapped, part("Shape", node, "shape", {in(node)})});
  }

  /// The mean over a window cut at the edge, which is what AveragePool counts.
  std::string window_mean(const Node& node, const std::string& what, const std::string& from) {
    const std::int64_t radius = node.factor, side = 2 * radius + 1;
    return part("AveragePool", node, what + "_mean", {from},
                {{"kernel_shape", Ints{side, side}}, {"pads", Ints{radius, radius, radius, radius}}});
  }

  /// The mean of a · b less the product of their means.
  std::string covariance(const Node& node, const std::string& what, const std::string& a, const std::string& b,
                         const std::string& mean_a, const std::string& mean_b) {
    const auto product = window_mean(node, what, part("Mul", node, what + "_product", {a, b}));
    return part("Sub", node, what, {product, part("Mul", node, what + "_product_of_means", {mean_a, mean_b})});
  }

  void guided_filter(const Node& node) {
    const auto &picture = in(node), &guide = node.inputs.at(1);
    const auto mean = window_mean(node, "picture", picture), guide_mean = window_mean(node, "guide", guide);
    const auto variance = covariance(node, "variance", guide, guide, guide_mean, guide_mean);
    const auto safe = part("Add", node, "safe_variance", {variance, number(node, "epsilon", node.value)});
    const auto slope =
        part("Div", node, "slope", {covariance(node, "covariance", guide, picture, guide_mean, mean), safe});
    const auto offset = part("Sub", node, "offset", {mean, part("Mul", node, "of_mean", {slope, guide_mean})});
    const auto scaled = part("Mul", node, "scaled", {window_mean(node, "slope", slope), guide});
    emit("Add", node, {scaled, window_mean(node, "offset", offset)});
  }

  std::vector<std::string> input_shape(const std::string& name) const {
    for (const auto& node : network_.graph.nodes) {
      if (node.inputs.size() < 2 || node.inputs[1] != name) continue;
      if (node.op == Op::kConditionalNorm) return {"rows", std::to_string(parameter(node, "weight").size(0))};
      const auto side = node.op == Op::kCoMatch ? std::to_string(parameter(node, "weight").size(0)) : std::string();
      if (!side.empty()) return {"matrices", side, side};
    }
    const auto channels = channels_of(name);
    // Several inputs of pictures or features may differ in size.
    const auto side = network_.graph.inputs().front() == name ? std::string() : name + "_";
    return {"pictures", channels > 0 ? std::to_string(channels) : name + "_channels", side + "height", side + "width"};
  }

  /// As the first convolution or norm that reads the value says; 0 when none does.
  std::int64_t channels_of(const std::string& name) const {
    for (const auto& node : network_.graph.nodes) {
      if (node.inputs.empty() || node.inputs.front() != name) continue;
      switch (node.op) {
        case Op::kConv: return parameter(node, "weight").size(1) * node.groups;
        case Op::kTransposedConv: return parameter(node, "weight").size(0);
        case Op::kConditionalNorm: return parameter(node, "weight").size(1);
        case Op::kInstanceNorm:
        case Op::kBatchNorm:
        case Op::kLayerNorm: return parameter(node, "weight").size(0);
        case Op::kConcat: break;
        default:
          if (const auto channels = channels_of(node.name)) return channels;
      }
    }
    return 0;
  }

  const Network& network_;
  OnnxModel model_;
  WeightSetBuilder constants_;
};

/// What nothing reads, in the order of the nodes.
std::vector<std::string> unused_values(const Graph& graph) {
  std::set<std::string> used;
  for (const auto& node : graph.nodes) used.insert(node.inputs.begin(), node.inputs.end());
  std::vector<std::string> names;
  for (const auto& node : graph.nodes)
    if (node.op != Op::kInput && !used.contains(node.name)) names.push_back(node.name);
  return names;
}

/// Whether there is no graph but the first layer of what read_chain() reads.
bool is_encoder(const WeightSet& model) {
  return !model.metadata.contains("graph") &&
         (model.tensors.contains("conv1_1.weight") || model.tensors.contains("conv11.weight"));
}

OnnxModel exported(const WeightSet& model) {
  const bool encoder = is_encoder(model);
  const Network network = encoder ? encoder_network(read_chain(model)) : read_network(model);
  return Exporter(network).run(encoder ? encoder_taps(network.graph) : unused_values(network.graph));
}

}  // namespace

std::string to_onnx(const WeightSet& model, const std::string& name) {
  OnnxModel onnx = exported(model);
  onnx.name = name;
  onnx.metadata = model.metadata;
  onnx.metadata.erase("graph");
  return onnx_bytes(onnx);
}

void export_onnx(const WeightSet& model, const std::filesystem::path& file) {
  require(file.extension() == ".onnx", "cannot export to \"" + file.string() + "\"; give a name that ends in .onnx");
  const auto bytes = to_onnx(model, file.stem().string());
  AtomicFile target(file);
  target.write(bytes);
  target.commit();
}

}  // namespace atelier
