#include "methods/model_iteration/adversarial/cartoongan/white_box.h"

#include <torch/torch.h>

#include <utility>

#include "atelier/error.h"
#include "tensor/weight_tensor.h"
#include "training/adversarial/adversarial_training.h"

namespace atelier::methods::cartoongan {
namespace {

constexpr double kSlope = 0.2, kEpsilon = 5e-3;
constexpr int kRadius = 1, kWithoutBlocks = 10, kMostConvolutions = 99;

std::string numbered(int index) { return std::string("conv") + (index < 10 ? "0" : "") + std::to_string(index); }

int count_convolutions(const WeightSet& weights) {
  int count = 0;
  while (count < kMostConvolutions && weights.tensors.contains(numbered(count + 1) + ".weight")) ++count;
  return count;
}

/// Builds the network and takes the file's convolutions one after the other.
class Reader {
 public:
  explicit Reader(const WeightSet& weights) : weights_(weights) {}

  Network read(int blocks) {
    const auto photo = build_.scale("signed", build_.input("picture"), 2, -1);
    const auto full = leaky(conv(photo));
    const auto half = leaky(conv(leaky(conv(full, 2))));
    auto x = leaky(conv(leaky(conv(half, 2))));
    for (int i = 0; i < blocks; ++i) x = sum(conv(leaky(conv(x))), x);
    x = leaky(conv(x));
    x = leaky(conv(leaky(conv(sum(larger(x), half)))));
    x = conv(leaky(conv(sum(larger(x), full))));
    require(width_ == 3, "the network's last convolution makes no picture of three channels; get the file again");
    build_.scale("painted", build_.guided_filter("filtered", x, photo, kRadius, kEpsilon), 0.5, 0.5);
    auto network = build_.build();
    for (auto& [name, tensor] : parameters_) network.parameters.at(name) = tensor;
    return network;
  }

 private:
  /// The next convolution of the file. Everything between two of them keeps the number of channels.
  std::string conv(const std::string& from, int stride = 1) {
    const auto name = numbered(++taken_);
    const auto weight = to_float_tensor(weights_, name + ".weight"), bias = to_float_tensor(weights_, name + ".bias");
    require(weight.dim() == 4 && weight.size(1) == width_ && weight.size(2) == weight.size(3) && bias.dim() == 1 &&
                bias.size(0) == weight.size(0),
            "the network's convolution " + name + " does not fit the one before it; get the file again");
    const auto in = std::exchange(width_, weight.size(0));
    parameters_[name + ".weight"] = weight;
    parameters_[name + ".bias"] = bias;
    return build_.conv(name, from, in, width_, static_cast<int>(weight.size(2)),
                       {.stride = stride, .edge = Edge::kSame});
  }

  std::string leaky(const std::string& from) { return build_.apply(from + "_leaky", Op::kLeakyRelu, {from}, kSlope); }
  std::string larger(const std::string& from) {
    return build_.resize(from + "_larger", Op::kUpsampleBilinearCorner, from);
  }
  std::string sum(const std::string& a, const std::string& b) { return build_.apply(a + "_sum", Op::kAdd, {a, b}); }

  const WeightSet& weights_;
  NetworkBuilder build_;
  Parameters parameters_;
  int taken_ = 0;
  std::int64_t width_ = 3;  ///< channels of what was made last
};

}  // namespace

std::optional<Network> read_white_box(const WeightSet& weights) {
  const int count = count_convolutions(weights);
  if (count < kWithoutBlocks || count % 2 != 0) return std::nullopt;
  return Reader(weights).read((count - kWithoutBlocks) / 2);
}

std::optional<WeightSet> import_white_box(const WeightSet& weights) {
  const auto network = read_white_box(weights);
  if (!network) return std::nullopt;
  return generator_model(*network, "cartoongan");
}

}  // namespace atelier::methods::cartoongan
