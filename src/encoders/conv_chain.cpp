#include "encoders/conv_chain.h"

#include <torch/torch.h>

#include <cstring>

#include "atelier/error.h"
#include "tensor/weight_tensor.h"

namespace atelier {
namespace {

/// "conv4_2" from "relu4_2" or "conv4_2".
std::string layer_name(const std::string& tap) {
  require(tap.size() > 4 && (tap.starts_with("relu") || tap.starts_with("conv")),
          "there is no encoder layer \"" + tap + "\"; name one as relu4_2 or conv4_2");
  return "conv" + tap.substr(4);
}

/// Splits "conv4_2.weight" or "conv42.weight" into block and index; false for other names.
bool parse_layer(const std::string& tensor, int& block, int& index) {
  int used = 0;
  if (std::sscanf(tensor.c_str(), "conv%1d_%1d.weight%n", &block, &index, &used) == 2 &&
      used == static_cast<int>(tensor.size()))
    return true;
  used = 0;
  return std::sscanf(tensor.c_str(), "conv%1d%1d.weight%n", &block, &index, &used) == 2 &&
         used == static_cast<int>(tensor.size());
}

void set_convention(ConvChain& chain, InputConvention convention) {
  chain.input_weight = torch::zeros({3, 3, 1, 1});
  chain.input_bias = torch::zeros({3});
  // ImageNet means and deviations as published with torchvision; Caffe's means with VGG (Simonyan & Zisserman).
  const double mean[3] = {0.485, 0.456, 0.406}, deviation[3] = {0.229, 0.224, 0.225};
  const double caffe_mean[3] = {103.939, 116.779, 123.68};
  for (int c = 0; c < 3; ++c) {
    const bool caffe = convention == InputConvention::kCaffe;
    chain.input_weight.index_put_({c, caffe ? 2 - c : c, 0, 0}, caffe ? 255.0 : 1 / deviation[c]);
    chain.input_bias.index_put_({c}, caffe ? -caffe_mean[c] : -mean[c] / deviation[c]);
  }
}

void read_input(ConvChain& chain, const WeightSet& weights, InputConvention fallback) {
  for (const std::string prefix : {"input", "conv0"}) {
    if (!weights.tensors.contains(prefix + ".weight")) continue;
    chain.input_weight = to_float_tensor(weights, prefix + ".weight");
    chain.input_bias = to_float_tensor(weights, prefix + ".bias");
    require(chain.input_weight.numel() == 9 && chain.input_bias.numel() == 3,
            "the encoder's input layer is not 3 to 3 channels; use a file made for RGB pictures");
    chain.input_weight = chain.input_weight.reshape({3, 3, 1, 1});
    return;
  }
  const auto named = weights.metadata.find("preprocessing");
  if (named != weights.metadata.end())
    fallback = named->second == "caffe" ? InputConvention::kCaffe : InputConvention::kTorchvision;
  require(fallback != InputConvention::kStored, "the encoder file has no input layer (input.weight)");
  set_convention(chain, fallback);
}

void read_readouts(ConvChain& chain, const WeightSet& weights) {
  for (const auto& layer : chain.layers) {
    const auto tap = "relu" + layer.name.substr(4), name = tap + ".readout";
    if (!weights.tensors.contains(name)) continue;
    auto readout = to_float_tensor(weights, name);
    const auto channels = layer.weight.size(0);
    require(readout.numel() == channels * channels,
            "the encoder's " + name + " does not fit its layer; the file is damaged");
    chain.readouts[tap] = readout.reshape({channels, channels, 1, 1});
  }
}

void check_links(const ConvChain& chain) {
  std::int64_t in = 3;
  for (const auto& layer : chain.layers) {
    require(layer.weight.dim() == 4 && layer.weight.size(1) == in && layer.weight.size(2) == 3 &&
                layer.weight.size(3) == 3 && layer.bias.numel() == layer.weight.size(0),
            "the encoder's " + layer.name + " does not fit the layer before it; the file is not a VGG-shaped network");
    in = layer.weight.size(0);
  }
}

Tensor pool(const Tensor& x, Pooling pooling) {
  return pooling == Pooling::kMax ? torch::max_pool2d(x, 2) : torch::avg_pool2d(x, 2);
}

/// Reflection by one pixel, edge not repeated, from slices: LibTorch 1.13 has no bfloat16 kernel for it.
Tensor reflect_border(const Tensor& x) {
  const auto height = x.size(2), width = x.size(3);
  require(height > 1 && width > 1, "the picture is too small for reflection padding; use a larger size");
  const auto tall = torch::cat({x.narrow(2, 1, 1), x, x.narrow(2, height - 2, 1)}, 2);
  return torch::cat({tall.narrow(3, 1, 1), tall, tall.narrow(3, width - 2, 1)}, 3);
}

Tensor convolve(const Tensor& x, const ChainLayer& layer, Padding padding) {
  const auto weight = layer.weight.to(x.scalar_type()), bias = layer.bias.to(x.scalar_type());
  if (padding == Padding::kZero) return torch::conv2d(x, weight, bias, 1, 1);
  return torch::conv2d(reflect_border(x), weight, bias);
}

}  // namespace

std::size_t ConvChain::layer_of(const std::string& tap) const {
  const auto wanted = layer_name(tap);
  std::string known;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].name == wanted) return i;
    known += " relu" + layers[i].name.substr(4);
  }
  throw Error("the encoder has no layer \"" + tap + "\"; it has" + known);
}

std::int64_t ConvChain::channels(const std::string& tap) const { return layers[layer_of(tap)].weight.size(0); }

std::int64_t ConvChain::stride(const std::string& tap) const {
  std::int64_t stride = 1;
  const auto last = layer_of(tap);
  for (std::size_t i = 0; i <= last; ++i) stride *= layers[i].pool_before ? 2 : 1;
  return stride;
}

std::vector<std::pair<std::string, Tensor>> ConvChain::parameters() const {
  std::vector<std::pair<std::string, Tensor>> all;
  for (const auto& layer : layers) {
    all.emplace_back(layer.name + ".weight", layer.weight);
    all.emplace_back(layer.name + ".bias", layer.bias);
  }
  return all;
}

ConvChain read_chain(const WeightSet& weights, InputConvention fallback) {
  ConvChain chain;
  std::map<std::pair<int, int>, std::string> order;
  int block = 0, index = 0;
  for (const auto& [name, tensor] : weights.tensors)
    if (parse_layer(name, block, index) && block > 0) order[{block, index}] = name.substr(0, name.size() - 7);
  require(!order.empty(), "the file has no tensors named conv1_1.weight and so on; it is not an encoder");
  for (const auto& [position, name] : order)
    chain.layers.push_back({"conv" + std::to_string(position.first) + "_" + std::to_string(position.second),
                            position.second == 1 && position.first > 1, to_float_tensor(weights, name + ".weight"),
                            to_float_tensor(weights, name + ".bias")});
  read_input(chain, weights, fallback);
  const auto padding = weights.metadata.find("padding");
  if (padding != weights.metadata.end() && padding->second == "reflection") chain.padding = Padding::kReflection;
  check_links(chain);
  read_readouts(chain, weights);
  return chain;
}

void move_chain(ConvChain& chain, torch::Device device) {
  const auto move = [&](Tensor& tensor) { tensor = tensor.to(device); };
  move(chain.input_weight);
  move(chain.input_bias);
  for (auto& layer : chain.layers) {
    move(layer.weight);
    move(layer.bias);
  }
  for (auto& [tap, readout] : chain.readouts) move(readout);
}

WeightSet write_chain(const ConvChain& chain, bool half) {
  std::vector<std::pair<std::string, Tensor>> tensors = chain.parameters();
  for (auto& [name, tensor] : tensors) tensor = tensor.to(half && tensor.dim() == 4 ? torch::kHalf : torch::kFloat);
  for (const auto& [tap, readout] : chain.readouts) tensors.emplace_back(tap + ".readout", readout);
  tensors.emplace_back("input.weight", chain.input_weight);
  tensors.emplace_back("input.bias", chain.input_bias);
  WeightSet weights = to_weight_set(tensors);
  weights.metadata["kind"] = "encoder";
  weights.metadata["padding"] = chain.padding == Padding::kReflection ? "reflection" : "zero";
  return weights;
}

Tensor read_out(const ConvChain& chain, const std::string& tap, const Tensor& features) {
  const auto readout = chain.readouts.find(tap);
  if (readout == chain.readouts.end()) return features;
  const auto type = features.scalar_type() == torch::kDouble ? torch::kDouble : torch::kFloat;
  return torch::conv2d(features.to(type), readout->second.to(type));
}

std::vector<Tensor> raw_chain_features(const ConvChain& chain, const Tensor& image,
                                       const std::vector<std::string>& taps, Pooling pooling,
                                       torch::ScalarType compute) {
  require(image.dim() == 4 && image.size(1) == 3, "encoder: the picture must be [N, 3, H, W]");
  std::size_t last = 0;
  for (const auto& tap : taps) last = std::max(last, chain.layer_of(tap));
  std::vector<Tensor> found(taps.size());
  // Channels-last halves the time of oneDNN's convolutions behind LibTorch on a CPU.
  const auto wide = compute == torch::kDouble ? torch::kDouble : torch::kFloat;
  Tensor x = torch::conv2d(image.to(wide), chain.input_weight.to(wide), chain.input_bias.to(wide))
                 .to(compute)
                 .contiguous(at::MemoryFormat::ChannelsLast);
  for (std::size_t i = 0; i <= last; ++i) {
    const auto& layer = chain.layers[i];
    if (layer.pool_before) {
      require(x.size(2) > 1 && x.size(3) > 1, "the picture is too small for " + layer.name + "; use a larger size");
      x = pool(x, pooling);
    }
    const auto before = convolve(x, layer, chain.padding);
    x = torch::relu(before);
    for (std::size_t t = 0; t < taps.size(); ++t)
      if (layer_name(taps[t]) == layer.name) found[t] = taps[t].starts_with("conv") ? before : x;
  }
  return found;
}

std::vector<Tensor> chain_features(const ConvChain& chain, const Tensor& image, const std::vector<std::string>& taps,
                                   Pooling pooling, torch::ScalarType compute) {
  auto features = raw_chain_features(chain, image, taps, pooling, compute);
  for (std::size_t t = 0; t < taps.size(); ++t) features[t] = read_out(chain, taps[t], features[t]);
  return features;
}

}  // namespace atelier
