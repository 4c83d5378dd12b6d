#include "methods/applied_network.h"

#include <algorithm>
#include <numeric>

#include "atelier/error.h"
#include "core/printable.h"
#include "encoders/encoder.h"
#include "methods/style_mix.h"
#include "weights/model_store.h"

namespace atelier {
namespace {

constexpr std::int64_t kMostChange = 4096;

/// A size relative to the picture's: `times` / `parts`, reduced.
struct Ratio {
  std::int64_t times = 1, parts = 1;
};

Ratio operator*(const Ratio& ratio, const Ratio& other) {
  const auto times = ratio.times * other.times, parts = ratio.parts * other.parts;
  const auto common = std::gcd(times, parts);
  return {times / common, parts / common};
}

/// How much larger a node's value is than its first input.
Ratio change_by(const Node& node) {
  switch (node.op) {
    case Op::kConv: return {1, node.stride};
    case Op::kTransposedConv: return {node.stride, 1};
    case Op::kUpsample:
    case Op::kUpsampleBilinear:
    case Op::kUpsampleBilinearCorner:
    case Op::kPixelShuffle:
    case Op::kUnpool: return {node.factor, 1};
    case Op::kMaxPool:
    case Op::kAveragePool: return {1, node.factor};
    default: return {};
  }
}

/// The sizes of all values; inputs other than the picture have its size.
std::map<std::string, Ratio> sizes_in(const Graph& graph) {
  std::map<std::string, Ratio> sizes;
  for (const auto& node : graph.nodes) {
    const auto size = node.inputs.empty() ? Ratio{} : sizes.at(node.inputs.front()) * change_by(node);
    require(std::max(size.times, size.parts) <= kMostChange,
            "the network's node \"" + one_line(node.name) + "\" changes sizes absurdly; the model file is damaged");
    sizes[node.name] = size;
  }
  return sizes;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + one_line(name);
  return text;
}

}  // namespace

WeightSet open_style_model(const std::string& model, const std::string& method) {
  require(!model.empty(), method + " paints the style of a trained model, not of a picture; give --style MODEL");
  auto weights = open_model(model);
  const auto named = weights.metadata.find("method");
  require(named == weights.metadata.end() || named->second == method,
          "the model " + printable(model) + " is one of another method; use --method " +
              one_line(named == weights.metadata.end() ? "" : named->second));
  return weights;
}

torch::ScalarType compute_type(const std::string& precision) {
  return wants_bf16(parse_precision(precision)) ? torch::kBFloat16 : torch::kFloat;
}

AppliedNetwork::AppliedNetwork(Network network, const std::vector<std::string>& inputs) : network_(std::move(network)) {
  const auto found = network_.graph.inputs();
  require(found == inputs, "the model's network takes " + listed(found) + " and the method gives " + listed(inputs) +
                               "; use a model of this method");
  const auto sizes = sizes_in(network_.graph);
  for (const auto& [name, size] : sizes) multiple_ = std::lcm(multiple_, size.parts);
  const auto& result = sizes.at(network_.graph.nodes.back().name);
  require(result.parts == 1, "the model's network makes pictures smaller; use one that paints");
  enlargement_ = result.times;
}

Tensor AppliedNetwork::paint(const Tensor& picture, torch::ScalarType compute, const OtherInputs& others) const {
  const auto padded = pad_to_multiple(picture, multiple_);
  auto inputs = others ? others(padded) : std::map<std::string, Tensor>();
  inputs["picture"] = padded;
  const auto painted = run_network(network_, inputs, compute);
  return crop_to(painted, picture.size(2) * enlargement_, picture.size(3) * enlargement_);
}

std::size_t widest_memory(const Inputs& inputs,
                          const std::function<const Network&(const std::string& model)>& network_of,
                          const std::map<std::string, Extent>& others) {
  std::size_t most = 0;
  for (const auto& style : inputs.styles)
    most = std::max(most, peak_memory(network_of(style.model), inputs.content.size(2), inputs.content.size(3), others));
  return most;
}

}  // namespace atelier
