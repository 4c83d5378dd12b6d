#include "networks/peak_memory.h"

#include <torch/torch.h>

#include <algorithm>

namespace atelier {
namespace {

class Walk {
 public:
  Walk(const Network& network, const std::map<std::string, Extent>& inputs) : network_(network), inputs_(inputs) {
    for (const auto& node : network.graph.nodes)
      for (const auto& input : node.inputs) ++uses_[input];
  }

  /// The most numbers that live at once, per pixel of the picture.
  double values_per_pixel() {
    double alive = 0, most = 0;
    for (const auto& node : network_.graph.nodes) {
      const auto extent = extents_[node.name] = of(node);
      most = std::max(most, alive + more_for(node));
      alive += extent.values();
      for (const auto& input : node.inputs)
        if (--uses_[input] == 0) alive -= extents_.at(input).values();
    }
    return most;
  }

 private:
  /// What a node needs at its widest, beside what lives before it.
  double more_for(const Node& node) const {
    const double result = extents_.at(node.name).values();
    if (node.inputs.empty()) return result;
    const auto& input = node.inputs.front();
    const double size = extents_.at(input).values();
    const bool last_use = uses_.at(input) == 1 && network_.graph.node(input).op != Op::kInput;
    switch (node.op) {
      case Op::kConv: return std::max(size, last_use ? result : size + result);  // works on a padded copy
      case Op::kInstanceNorm:
      case Op::kConditionalNorm:
      case Op::kLayerNorm:
      case Op::kRelu:
      case Op::kLeakyRelu:
      case Op::kAdd: return last_use ? 0 : result;  // written over the input
      default: return size + result;
    }
  }

  double size_of(const Node& node, std::int64_t dimension) const {
    return static_cast<double>(network_.parameters.at(node.name + ".weight").size(dimension));
  }

  Extent of(const Node& node) const {
    if (node.op == Op::kInput) {
      const auto told = inputs_.find(node.name);
      return told == inputs_.end() ? Extent() : told->second;
    }
    auto extent = extents_.at(node.inputs.front());
    const double factor = node.factor;
    switch (node.op) {
      case Op::kConv: return {size_of(node, 0), extent.smaller * node.stride};
      case Op::kTransposedConv: return {size_of(node, 1) * node.groups, extent.smaller / node.stride};
      case Op::kUpsample:
      case Op::kUpsampleBilinear:
      case Op::kUpsampleBilinearCorner: return {extent.channels, extent.smaller / factor};
      case Op::kMaxPool:
      case Op::kAveragePool: return {extent.channels, extent.smaller * factor};
      case Op::kUnpool: return {extent.channels, extents_.at(node.inputs.at(1)).smaller};
      case Op::kPixelShuffle: return {extent.channels / (factor * factor), extent.smaller / factor};
      case Op::kConcat: {
        extent.channels = 0;
        for (const auto& input : node.inputs) extent.channels += extents_.at(input).channels;
        return extent;
      }
      default: return extent;
    }
  }

  const Network& network_;
  const std::map<std::string, Extent>& inputs_;
  std::map<std::string, Extent> extents_;
  std::map<std::string, int> uses_;
};

}  // namespace

std::size_t peak_memory(const Network& network, std::int64_t height, std::int64_t width,
                        const std::map<std::string, Extent>& inputs) {
  return static_cast<std::size_t>(Walk(network, inputs).values_per_pixel() * static_cast<double>(height * width)) *
         sizeof(float);
}

}  // namespace atelier
