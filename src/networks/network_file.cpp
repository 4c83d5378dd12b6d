#include <torch/torch.h>

#include <nlohmann/json.hpp>
#include <set>

#include "atelier/error.h"
#include "networks/network.h"
#include "tensor/weight_tensor.h"

namespace atelier {
namespace {

using nlohmann::ordered_json;

constexpr int kMostNodes = 4096, kLargestNumber = 1 << 16;

struct OpShape {
  const char* name;
  int inputs;  ///< −1: one or more
  std::vector<const char*> parameters;
};

const std::map<Op, OpShape>& ops() {
  static const std::map<Op, OpShape> table = {
      {Op::kInput, {"input", 0, {}}},
      {Op::kConv, {"conv", 1, {"weight"}}},
      {Op::kTransposedConv, {"transposed_conv", 1, {"weight"}}},
      {Op::kInstanceNorm, {"instance_norm", 1, {"weight", "bias"}}},
      {Op::kConditionalNorm, {"conditional_norm", 2, {"weight", "bias"}}},
      {Op::kBatchNorm, {"batch_norm", 1, {"weight", "bias", "mean", "variance"}}},
      {Op::kLayerNorm, {"layer_norm", 1, {"weight", "bias"}}},
      {Op::kRelu, {"relu", 1, {}}},
      {Op::kLeakyRelu, {"leaky_relu", 1, {}}},
      {Op::kTanh, {"tanh", 1, {}}},
      {Op::kSigmoid, {"sigmoid", 1, {}}},
      {Op::kScale, {"scale", 1, {}}},
      {Op::kUpsample, {"upsample", 1, {}}},
      {Op::kUpsampleBilinear, {"upsample_bilinear", 1, {}}},
      {Op::kUpsampleBilinearCorner, {"upsample_bilinear_corner", 1, {}}},
      {Op::kMaxPool, {"max_pool", 1, {}}},
      {Op::kAveragePool, {"average_pool", 1, {}}},
      {Op::kUnpool, {"unpool", 2, {}}},
      {Op::kAdd, {"add", 2, {}}},
      {Op::kConcat, {"concat", -1, {}}},
      {Op::kDropout, {"dropout", 1, {}}},
      {Op::kPixelShuffle, {"pixel_shuffle", 1, {}}},
      {Op::kCoMatch, {"co_match", 2, {"weight"}}},
      {Op::kGuidedFilter, {"guided_filter", 2, {}}},
  };
  return table;
}

const std::map<Edge, const char*>& edges() {
  static const std::map<Edge, const char*> table = {
      {Edge::kZero, "zero"}, {Edge::kReflection, "reflection"}, {Edge::kReplicate, "replicate"}, {Edge::kSame, "same"}};
  return table;
}

[[noreturn]] void refuse(const std::string& what) {
  throw Error("the network's description is not sound (" + what + "); the model file is damaged or not Atelier's");
}

Op op_named(const std::string& name) {
  for (const auto& [op, shape] : ops())
    if (name == shape.name) return op;
  refuse("unknown operation \"" + name + "\"");
}

Edge edge_named(const std::string& name) {
  for (const auto& [edge, text] : edges())
    if (name == text) return edge;
  refuse("unknown edge \"" + name + "\"");
}

ordered_json to_json(const Node& node) {
  static const Node plain;
  ordered_json json = {{"name", node.name}, {"op", ops().at(node.op).name}};
  if (!node.inputs.empty()) json["inputs"] = node.inputs;
  const auto put = [&](const char* name, auto value, auto usual) {
    if (value != usual) json[name] = value;
  };
  put("kernel", node.kernel, plain.kernel);
  put("stride", node.stride, plain.stride);
  put("groups", node.groups, plain.groups);
  put("padding", node.padding, plain.padding);
  put("factor", node.factor, plain.factor);
  put("value", node.value, plain.value);
  put("offset", node.offset, plain.offset);
  if (node.edge != plain.edge) json["edge"] = edges().at(node.edge);
  return json;
}

int small_number(const ordered_json& json, const char* name, int usual, int lowest) {
  const auto value = json.value(name, static_cast<double>(usual));
  if (!(value >= lowest && value <= kLargestNumber)) refuse(std::string("absurd ") + name);
  return static_cast<int>(value);
}

Node node_from(const ordered_json& json) {
  Node node;
  node.name = json.at("name").get<std::string>();
  node.op = op_named(json.at("op").get<std::string>());
  if (json.contains("inputs")) node.inputs = json.at("inputs").get<std::vector<std::string>>();
  node.kernel = small_number(json, "kernel", node.kernel, 0);
  node.stride = small_number(json, "stride", node.stride, 1);
  node.groups = small_number(json, "groups", node.groups, 1);
  node.padding = small_number(json, "padding", node.padding, 0);
  node.factor = small_number(json, "factor", node.factor, 0);
  node.value = json.value("value", node.value);
  node.offset = json.value("offset", node.offset);
  if (json.contains("edge")) node.edge = edge_named(json.at("edge").get<std::string>());
  return node;
}

bool needs_factor(Op op) {
  return op == Op::kUpsample || op == Op::kUpsampleBilinear || op == Op::kUpsampleBilinearCorner ||
         op == Op::kMaxPool || op == Op::kAveragePool || op == Op::kUnpool || op == Op::kPixelShuffle ||
         op == Op::kGuidedFilter;
}

void check(const Graph& graph) {
  if (graph.nodes.empty() || graph.nodes.size() > kMostNodes) refuse("no nodes, or too many");
  std::set<std::string> known;
  for (const auto& node : graph.nodes) {
    const int wanted = ops().at(node.op).inputs;
    const auto count = static_cast<int>(node.inputs.size());
    if (wanted >= 0 ? count != wanted : count == 0) refuse("wrong number of inputs of \"" + node.name + "\"");
    for (const auto& input : node.inputs)
      if (!known.contains(input)) refuse("\"" + node.name + "\" stands before its input \"" + input + "\"");
    if (node.name.empty() || !known.insert(node.name).second) refuse("a name is missing or repeated");
    if (needs_factor(node.op) && node.factor < 1) refuse("\"" + node.name + "\" lacks its factor");
    if (node.op == Op::kGuidedFilter && !(node.value > 0)) refuse("\"" + node.name + "\" lacks its epsilon");
  }
}

void check_weight(const Node& node, const Tensor& weight) {
  const bool convolution = node.op == Op::kConv || node.op == Op::kTransposedConv;
  const bool fits =
      !convolution || (weight.dim() == 4 && weight.size(2) == node.kernel && weight.size(3) == node.kernel);
  if (!fits) refuse("\"" + node.name + ".weight\" has another shape than the description says");
}

}  // namespace

Network NetworkBuilder::build() {
  check(network_.graph);
  return std::move(network_);
}

std::string to_json(const Graph& graph) {
  ordered_json nodes = ordered_json::array();
  for (const auto& node : graph.nodes) nodes.push_back(to_json(node));
  return nodes.dump();
}

Graph graph_from_json(const std::string& json) {
  Graph graph;
  try {
    for (const auto& node : ordered_json::parse(json)) graph.nodes.push_back(node_from(node));
  } catch (const nlohmann::json::exception&) {
    refuse("it is no JSON of the expected form");
  }
  check(graph);
  return graph;
}

WeightSet write_network(const Network& network, bool half) {
  const torch::NoGradGuard no_grad;
  std::vector<std::pair<std::string, Tensor>> tensors;
  for (const auto& [name, tensor] : network.parameters)
    tensors.emplace_back(name, tensor.to(half ? torch::kHalf : torch::kFloat));
  auto weights = to_weight_set(tensors);
  weights.metadata["graph"] = to_json(network.graph);
  return weights;
}

Network read_network(const WeightSet& weights) {
  const auto description = weights.metadata.find("graph");
  require(description != weights.metadata.end(),
          "the model holds no network of Atelier's; give a style model, or convert it by `atelier models import`");
  Network network{graph_from_json(description->second), {}};
  for (const auto& node : network.graph.nodes) {
    for (const auto* which : ops().at(node.op).parameters) {
      const auto name = node.name + "." + which;
      network.parameters[name] = to_float_tensor(weights, name);
    }
    if (network.parameters.contains(node.name + ".weight"))
      check_weight(node, network.parameters.at(node.name + ".weight"));
    const bool convolution = node.op == Op::kConv || node.op == Op::kTransposedConv;
    const auto bias = node.name + ".bias";
    if (convolution && weights.tensors.contains(bias)) network.parameters[bias] = to_float_tensor(weights, bias);
  }
  return network;
}

}  // namespace atelier
