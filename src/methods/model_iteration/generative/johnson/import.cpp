// Trained networks of others: which tensor of theirs is which parameter of ours.
#include <torch/torch.h>

#include "atelier/error.h"
#include "core/printable.h"
#include "methods/model_iteration/generative/johnson/network.h"
#include "methods/model_iteration/generative/johnson/torch7_network.h"
#include "tensor/weight_tensor.h"

namespace atelier::methods::johnson {
namespace {

constexpr double kLevels = 255;            // their pictures are in 0 … 255
constexpr std::int64_t kWidest = 2048;     // channels; theirs have 128
constexpr std::int64_t kLargestSide = 31;  // of the first and last kernels; theirs have 9

/// Replaces a parameter of `network`, whose shape is what the architecture wants.
void put(Network& network, const std::string& name, const Tensor& value) {
  auto& target = network.parameters.at(name);
  require(target.sizes() == value.sizes(),
          "the network's parameter for " + name + " is of another shape than its layer; get the file again");
  target = value.contiguous();
}

/// The layers in the order of the files: our name of the convolution, and whether a norm follows.
std::vector<std::string> layers_of(const Shape& shape) {
  std::vector<std::string> names = {"in", "down1", "down2"};
  for (int i = 1; i <= shape.blocks; ++i)
    for (const char* half : {"_1", "_2"}) names.push_back("block" + std::to_string(i) + half);
  names.insert(names.end(), {"up2", "up1", "out"});
  return names;
}

std::string variable(std::size_t index) { return index == 0 ? "Variable" : "Variable_" + std::to_string(index); }

std::size_t count_variables(const WeightSet& weights) {
  std::size_t count = 0;
  while (weights.tensors.contains(variable(count))) ++count;
  return count;
}

/// [side, side, in, out] or [out, in, side, side]. @throws Error when it is neither.
const std::vector<std::int64_t>& kernel_shape(const WeightSet& weights, const std::string& name) {
  const auto& shape = weights.at(name).shape;
  require(shape.size() == 4 && shape[0] <= kWidest && shape[3] <= kWidest,
          "the tensor " + printable(name) + " is no kernel of such a network; get the file again");
  return shape;
}

int edge_kernel(std::int64_t side) {
  require(side >= 1 && side <= kLargestSide && side % 2 == 1,
          "the first convolution's kernel is no odd square; get the file again");
  return static_cast<int>(side);
}

/// kernel, shift and scale per layer: three layers, two a block, three layers.
std::optional<Network> read_lengstrom(const WeightSet& weights) {
  const auto count = count_variables(weights);
  if (count < 24 || (count - 18) % 6 != 0) return std::nullopt;
  Shape shape{.upsampling = Upsampling::kTransposed, .blocks = static_cast<int>((count - 18) / 6)};
  shape.full_width = kernel_shape(weights, variable(0))[3];
  shape.half_width = kernel_shape(weights, variable(3))[3];
  shape.quarter_width = kernel_shape(weights, variable(6))[3];
  shape.edge_kernel = edge_kernel(kernel_shape(weights, variable(0))[0]);
  auto network = painting_network(0, shape);
  std::size_t index = 0;
  for (const auto& layer : layers_of(shape)) {
    // TensorFlow's [k, k, in, out], for transposed convolutions [k, k, out, in].
    kernel_shape(weights, variable(index));
    const auto kernel = to_float_tensor(weights, variable(index)) * (layer == "in" ? kLevels : 1);
    put(network, layer + ".weight", kernel.permute({3, 2, 0, 1}));
    put(network, layer + "_norm.bias", to_float_tensor(weights, variable(index + 1)));
    put(network, layer + "_norm.weight", to_float_tensor(weights, variable(index + 2)));
    index += 3;
  }
  return network;
}

/// Their names of the layers, in the order of layers_of(): convolution and norm.
std::vector<std::pair<std::string, std::string>> example_layers(int blocks) {
  std::vector<std::pair<std::string, std::string>> names = {{"conv1", "in1"}, {"conv2", "in2"}, {"conv3", "in3"}};
  for (int i = 1; i <= blocks; ++i)
    for (const char* half : {"1", "2"}) {
      const auto block = "res" + std::to_string(i) + ".";
      names.emplace_back(block + "conv" + half, block + "in" + half);
    }
  names.insert(names.end(), {{"deconv1", "in4"}, {"deconv2", "in5"}, {"deconv3", ""}});
  return names;
}

/// What stands before `name` in the first tensor that ends in it: "module." of networks trained on several GPUs.
std::optional<std::string> prefix_before(const WeightSet& weights, const std::string& name) {
  for (const auto& [full, tensor] : weights.tensors)
    if (full == name || full.ends_with("." + name)) return full.substr(0, full.size() - name.size());
  return std::nullopt;
}

/// Running means and variances, which old versions of PyTorch saved and new ones refuse, are not looked at.
std::optional<Network> read_examples(const WeightSet& weights) {
  const auto prefix = prefix_before(weights, "conv1.conv2d.weight");
  if (!prefix || !weights.tensors.contains(*prefix + "deconv3.conv2d.weight")) return std::nullopt;
  const auto tensor = [&](const std::string& name) { return to_float_tensor(weights, *prefix + name); };
  const auto kernel = [&](const std::string& name) { return kernel_shape(weights, *prefix + name + ".conv2d.weight"); };
  Shape shape{.upsampling = Upsampling::kNearest, .blocks = 0};
  while (weights.tensors.contains(*prefix + "res" + std::to_string(shape.blocks + 1) + ".conv1.conv2d.weight"))
    ++shape.blocks;
  shape.full_width = kernel("conv1")[0];
  shape.half_width = kernel("conv2")[0];
  shape.quarter_width = kernel("conv3")[0];
  shape.edge_kernel = edge_kernel(kernel("conv1")[3]);
  auto network = painting_network(0, shape);
  const auto ours = layers_of(shape);
  const auto theirs = example_layers(shape.blocks);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const double unit = ours[i] == "in" ? kLevels : ours[i] == "out" ? 1 / kLevels : 1;
    put(network, ours[i] + ".weight", tensor(theirs[i].first + ".conv2d.weight") * unit);
    put(network, ours[i] + ".bias", tensor(theirs[i].first + ".conv2d.bias") * (ours[i] == "out" ? unit : 1));
    if (theirs[i].second.empty()) continue;
    put(network, ours[i] + "_norm.weight", tensor(theirs[i].second + ".weight"));
    put(network, ours[i] + "_norm.bias", tensor(theirs[i].second + ".bias"));
  }
  return network;
}

}  // namespace

std::optional<Network> read_johnson(const WeightSet& weights) {
  for (const auto& read : {read_lengstrom, read_examples, read_torch7_network})
    if (auto network = read(weights)) return network;
  return std::nullopt;
}

std::optional<WeightSet> import_johnson(const WeightSet& weights) {
  const auto network = read_johnson(weights);
  if (!network) return std::nullopt;
  auto model = write_network(*network, false);
  model.metadata["kind"] = "style";
  model.metadata["method"] = "johnson";
  return model;
}

}  // namespace atelier::methods::johnson
