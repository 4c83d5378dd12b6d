#include "networks/encoder_network.h"

#include <torch/torch.h>

namespace atelier {
namespace {

constexpr const char* kReadout = ".readout";

Node convolution(const std::string& name, const std::string& from, int kernel, Edge edge) {
  return {.name = name, .op = Op::kConv, .inputs = {from}, .kernel = kernel, .padding = kernel / 2, .edge = edge};
}

/// Appends a layer to what makes `flows`. @return the name of what it makes.
std::string add_layer(Network& network, const ConvChain& chain, const ChainLayer& layer, std::string flows) {
  auto& nodes = network.graph.nodes;
  const auto place = layer.name.substr(4), tap = "relu" + place;
  if (layer.pool_before) {
    nodes.push_back({.name = "pool" + place.substr(0, 1), .op = Op::kMaxPool, .inputs = {flows}, .factor = 2});
    flows = nodes.back().name;
  }
  nodes.push_back(
      convolution(layer.name, flows, 3, chain.padding == Padding::kReflection ? Edge::kReflection : Edge::kZero));
  nodes.push_back({.name = tap, .op = Op::kRelu, .inputs = {layer.name}});
  if (const auto readout = chain.readouts.find(tap); readout != chain.readouts.end()) {
    nodes.push_back(convolution(tap + kReadout, tap, 1, Edge::kZero));
    network.parameters[tap + kReadout + ".weight"] = readout->second;
  }
  return tap;
}

}  // namespace

Network encoder_network(const ConvChain& chain) {
  Network network;
  network.graph.nodes = {{.name = "picture", .inputs = {}}, convolution("input", "picture", 1, Edge::kZero)};
  network.parameters = {{"input.weight", chain.input_weight}, {"input.bias", chain.input_bias}};
  std::string flows = "input";
  for (const auto& layer : chain.layers) flows = add_layer(network, chain, layer, flows);
  for (const auto& [name, tensor] : chain.parameters()) network.parameters[name] = tensor;
  return network;
}

std::vector<std::string> encoder_taps(const Graph& graph) {
  std::vector<std::string> taps;
  for (const auto& node : graph.nodes)
    if (node.op == Op::kRelu || node.name.ends_with(kReadout)) taps.push_back(node.name);
  return taps;
}

}  // namespace atelier
