#include "networks/network.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include "atelier/error.h"

namespace atelier {

const Node& Graph::node(const std::string& name) const {
  for (const auto& node : nodes)
    if (node.name == name) return node;
  throw Error("the network has no node \"" + name + "\"; check its model file");
}

std::vector<std::string> Graph::inputs() const {
  std::vector<std::string> names;
  for (const auto& node : nodes)
    if (node.op == Op::kInput) names.push_back(node.name);
  return names;
}

bool is_statistic(const std::string& parameter) {
  return parameter.ends_with(".mean") || parameter.ends_with(".variance");
}

NetworkBuilder::NetworkBuilder(std::uint64_t seed) : random_(at::detail::createCPUGenerator(seed)) {}

std::string NetworkBuilder::add(Node node) {
  network_.graph.nodes.push_back(std::move(node));
  return network_.graph.nodes.back().name;
}

void NetworkBuilder::parameter(const std::string& name, Tensor value) { network_.parameters[name] = std::move(value); }

std::string NetworkBuilder::input(const std::string& name) {
  return add({.name = name, .op = Op::kInput, .inputs = {}});
}

std::string NetworkBuilder::conv(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out,
                                 int kernel, const Conv& how) {
  const double fan_in = static_cast<double>(in / how.groups * kernel * kernel);
  parameter(name + ".weight", torch::randn({out, in / how.groups, kernel, kernel}, random_) * std::sqrt(2 / fan_in));
  if (how.bias) parameter(name + ".bias", torch::zeros({out}));
  Node node{.name = name, .op = Op::kConv, .inputs = {from}};
  node.kernel = kernel;
  node.stride = how.stride;
  node.groups = how.groups;
  node.edge = how.edge;
  node.padding = how.edge == Edge::kSame ? 0 : how.padding >= 0 ? how.padding : kernel / 2;
  return add(node);
}

std::string NetworkBuilder::transposed_conv(const std::string& name, const std::string& from, std::int64_t in,
                                            std::int64_t out, int kernel, int stride, bool bias) {
  const double fan_in = static_cast<double>(in * kernel * kernel) / (stride * stride);
  parameter(name + ".weight", torch::randn({in, out, kernel, kernel}, random_) * std::sqrt(2 / fan_in));
  if (bias) parameter(name + ".bias", torch::zeros({out}));
  Node node{.name = name, .op = Op::kTransposedConv, .inputs = {from}};
  node.kernel = kernel;
  node.stride = stride;
  return add(node);
}

std::string NetworkBuilder::instance_norm(const std::string& name, const std::string& from, std::int64_t channels,
                                          double epsilon) {
  parameter(name + ".weight", torch::ones({channels}));
  parameter(name + ".bias", torch::zeros({channels}));
  Node node{.name = name, .op = Op::kInstanceNorm, .inputs = {from}};
  node.value = epsilon;
  return add(node);
}

std::string NetworkBuilder::batch_norm(const std::string& name, const std::string& from, std::int64_t channels,
                                       double epsilon) {
  parameter(name + ".weight", torch::ones({channels}));
  parameter(name + ".bias", torch::zeros({channels}));
  parameter(name + ".mean", torch::zeros({channels}));
  parameter(name + ".variance", torch::ones({channels}));
  Node node{.name = name, .op = Op::kBatchNorm, .inputs = {from}};
  node.value = epsilon;
  return add(node);
}

std::string NetworkBuilder::layer_norm(const std::string& name, const std::string& from, std::int64_t channels,
                                       double epsilon) {
  parameter(name + ".weight", torch::ones({channels}));
  parameter(name + ".bias", torch::zeros({channels}));
  Node node{.name = name, .op = Op::kLayerNorm, .inputs = {from}};
  node.value = epsilon;
  return add(node);
}

std::string NetworkBuilder::conditional_norm(const std::string& name, const std::string& from,
                                             const std::string& shares, std::int64_t styles, std::int64_t channels,
                                             double epsilon) {
  parameter(name + ".weight", torch::ones({styles, channels}));
  parameter(name + ".bias", torch::zeros({styles, channels}));
  Node node{.name = name, .op = Op::kConditionalNorm, .inputs = {from, shares}};
  node.value = epsilon;
  return add(node);
}

std::string NetworkBuilder::co_match(const std::string& name, const std::string& from, const std::string& gram,
                                     std::int64_t channels) {
  parameter(name + ".weight", torch::rand({channels, channels}, random_) * (10.24 / static_cast<double>(channels)));
  return add({.name = name, .op = Op::kCoMatch, .inputs = {from, gram}});
}

std::string NetworkBuilder::apply(const std::string& name, Op op, const std::vector<std::string>& from, double value) {
  Node node{.name = name, .op = op, .inputs = from};
  node.value = value;
  return add(node);
}

std::string NetworkBuilder::scale(const std::string& name, const std::string& from, double factor, double offset) {
  Node node{.name = name, .op = Op::kScale, .inputs = {from}};
  node.value = factor;
  node.offset = offset;
  return add(node);
}

std::string NetworkBuilder::resize(const std::string& name, Op op, const std::string& from, int factor) {
  Node node{.name = name, .op = op, .inputs = {from}};
  node.factor = factor;
  return add(node);
}

std::string NetworkBuilder::unpool(const std::string& name, const std::string& from, const std::string& before,
                                   int factor) {
  Node node{.name = name, .op = Op::kUnpool, .inputs = {from, before}};
  node.factor = factor;
  return add(node);
}

std::string NetworkBuilder::guided_filter(const std::string& name, const std::string& from, const std::string& guide,
                                          int radius, double epsilon) {
  Node node{.name = name, .op = Op::kGuidedFilter, .inputs = {from, guide}};
  node.factor = radius;
  node.value = epsilon;
  return add(node);
}

}  // namespace atelier
