#include "training/style_gram.h"

#include <algorithm>

#include "atelier/error.h"
#include "losses/gram.h"

namespace atelier {
namespace {

bool is_co_match(const Node& node) { return node.op == Op::kCoMatch; }

}  // namespace

bool takes_gram(const Network& network) {
  return std::any_of(network.graph.nodes.begin(), network.graph.nodes.end(), is_co_match);
}

Tensor style_gram(const Network& network, const Tensor& pictures, torch::ScalarType compute) {
  const auto& nodes = network.graph.nodes;
  const auto layer = std::find_if(nodes.begin(), nodes.end(), is_co_match);
  require(layer != nodes.end(), "the network has no CoMatch layer and takes no style's matrix; use a model of msg-net");
  const auto features = node_values(network, {{"picture", pictures}}, {layer->inputs.front()}, compute).front();
  return losses::gram(features) / static_cast<double>(features.size(1));
}

}  // namespace atelier
