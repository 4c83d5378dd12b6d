#include "weights/name_map.h"

#include <array>
#include <span>
#include <vector>

namespace atelier {
namespace {

constexpr std::array<int, 5> kWidths{64, 128, 256, 512, 512};

/// Convolutions in each of the five blocks.
struct Architecture {
  const char* name;
  std::array<int, 5> depths;
};
constexpr Architecture kVgg19{"vgg19", {2, 2, 4, 4, 4}};
constexpr Architecture kVgg16{"vgg16", {2, 2, 3, 3, 3}};

struct Layer {
  std::string ours;    ///< "conv1_1"
  std::string theirs;  ///< torchvision's "features.0"
  std::vector<std::int64_t> shape;
};

/// torchvision numbers every convolution, ReLU and pool.
std::vector<Layer> layers_of(const Architecture& architecture) {
  std::vector<Layer> layers;
  int index = 0;
  std::int64_t channels = 3;
  for (std::size_t block = 0; block < kWidths.size(); ++block) {
    for (int i = 1; i <= architecture.depths[block]; ++i, index += 2) {
      layers.push_back({"conv" + std::to_string(block + 1) + "_" + std::to_string(i),
                        "features." + std::to_string(index),
                        {kWidths[block], channels, 3, 3}});
      channels = kWidths[block];
    }
    ++index;
  }
  return layers;
}

/// What stands before `name` in the first tensor that ends in it.
std::optional<std::string> prefix_before(const WeightSet& weights, const std::string& name) {
  for (const auto& [full, tensor] : weights.tensors)
    if (full == name || full.ends_with("." + name)) return full.substr(0, full.size() - name.size());
  return std::nullopt;
}

/// Takes over one convolution. False when it is absent or of another shape.
bool take_layer(const WeightSet& from, const std::string& source, const Layer& layer, WeightSet& to) {
  const auto weight = from.tensors.find(source + ".weight");
  const auto bias = from.tensors.find(source + ".bias");
  if (weight == from.tensors.end() || bias == from.tensors.end()) return false;
  if (weight->second.shape != layer.shape || bias->second.shape != std::vector{layer.shape[0]}) return false;
  to.tensors[layer.ours + ".weight"] = weight->second;
  to.tensors[layer.ours + ".bias"] = bias->second;
  return true;
}

/// 4-D weights under the prefix; more of them than were taken means that this is another network.
int convolutions_below(const WeightSet& weights, const std::string& prefix, bool torchvision) {
  const std::string start = prefix + (torchvision ? "features." : "conv");
  int count = 0;
  for (const auto& [name, tensor] : weights.tensors) count += name.starts_with(start) && tensor.shape.size() == 4;
  return count;
}

std::optional<VggWeights> try_names(const WeightSet& from, const Architecture& architecture, bool torchvision) {
  const auto layers = layers_of(architecture);
  const auto name = [&](const Layer& layer) { return torchvision ? layer.theirs : layer.ours; };
  const auto prefix = prefix_before(from, name(layers.front()) + ".weight");
  if (!prefix) return std::nullopt;
  VggWeights found{architecture.name, 0, false, {{}, from.metadata, from.storage}};
  for (const auto& layer : layers) {
    if (!take_layer(from, *prefix + name(layer), layer, found.weights)) break;
    ++found.convolutions;
  }
  if (found.convolutions == 0 || found.convolutions != convolutions_below(from, *prefix, torchvision))
    return std::nullopt;
  found.complete = found.convolutions == static_cast<int>(layers.size());
  if (torchvision) found.weights.metadata["preprocessing"] = "torchvision";
  return found;
}

}  // namespace

std::optional<VggWeights> find_vgg(const WeightSet& weights) {
  for (const auto& architecture : {kVgg19, kVgg16})
    for (const bool torchvision : {true, false})
      if (auto found = try_names(weights, architecture, torchvision)) return found;
  return std::nullopt;
}

}  // namespace atelier
