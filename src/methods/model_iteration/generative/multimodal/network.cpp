#include "methods/model_iteration/generative/multimodal/network.h"

#include <torch/torch.h>

#include "atelier/error.h"

namespace atelier::methods::multimodal {
namespace {

constexpr const char* kLuminance = "luminance";

class Builder {
 public:
  Builder(std::uint64_t seed, const Shape& shape) : build_(seed), shape_(shape) {}

  Network network() {
    const auto& names = subnet_outputs();
    const auto small = style_subnet(names[0], build_.input("picture"));
    const auto middle = finer_subnet(names[1], small, 3);
    finer_subnet(names[2], middle, 2);
    auto network = build_.build();
    network.parameters.at(names[0] + ".weight") *= 0.1;  // starts near grey
    network.parameters.at(names[0] + ".bias").fill_(0.5);
    for (const auto& finer : {names[1], names[2]}) network.parameters.at(finer + "_out.weight") *= 0.1;
    // Rec. ITU-R BT.601.
    network.parameters.at(fixed_parameters()[0]) = torch::tensor({0.299F, 0.587F, 0.114F}).reshape({1, 3, 1, 1});
    return network;
  }

 private:
  std::string layer(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out, int kernel,
                    int stride) {
    const auto x = build_.conv(name, from, in, out, kernel, {.stride = stride, .bias = false});
    return build_.apply(name + "_relu", Op::kRelu, {build_.instance_norm(name + "_norm", x, out)});
  }

  /// Channels at a size of 2^−depth: no more than four times the width.
  std::int64_t channels(int depth) const { return shape_.width << std::min(depth, 2); }

  std::string down(const std::string& name, std::string x, std::int64_t in, int depth) {
    x = layer(name + "_in", x, in, shape_.width, shape_.edge_kernel, 1);
    for (int i = 1; i <= depth; ++i)
      x = layer(name + "_down" + std::to_string(i), x, channels(i - 1), channels(i), 3, 2);
    return x;
  }

  std::string residuals(const std::string& name, std::string x, std::int64_t count) {
    for (int i = 1; i <= shape_.blocks; ++i) {
      const auto block = name + "_block" + std::to_string(i);
      const auto inner = layer(block + "_1", x, count, count, 3, 1);
      const auto y = build_.conv(block + "_2", inner, count, count, 3, {.bias = false});
      x = build_.apply(block, Op::kAdd, {x, build_.instance_norm(block + "_2_norm", y, count)});
    }
    return x;
  }

  /// `factor` times the channels that channels() says.
  std::string up(const std::string& name, std::string x, int depth, std::int64_t factor) {
    for (int i = depth; i > 0; --i) {
      const auto step = name + "_up" + std::to_string(i);
      const auto larger = build_.resize(step + "_larger", Op::kUpsample, x);
      x = layer(step, larger, factor * channels(i), factor * channels(i - 1), 3, 1);
    }
    return x;
  }

  std::string branch(const std::string& name, const std::string& from, std::int64_t in) {
    return residuals(name, down(name, from, in, 2), channels(2));
  }

  std::string style_subnet(const std::string& name, const std::string& picture) {
    const auto grey = build_.conv(kLuminance, picture, 3, 1, 1, {.bias = false});
    auto x = build_.apply(name + "_joined", Op::kConcat,
                          {branch(name + "_colour", picture, 3), branch(name + "_luminance", grey, 1)});
    x = up(name, residuals(name, x, 2 * channels(2)), 2, 2);
    return build_.conv(name, x, 2 * shape_.width, 3, 3);
  }

  std::string finer_subnet(const std::string& name, const std::string& coarser, int depth) {
    const auto larger = build_.resize(name + "_larger", Op::kUpsampleBilinear, coarser);
    const auto x = up(name, residuals(name, down(name, larger, 3, depth), channels(depth)), depth, 1);
    return build_.apply(name, Op::kAdd, {larger, build_.conv(name + "_out", x, shape_.width, 3, 3)});
  }

  NetworkBuilder build_;
  Shape shape_;
};

}  // namespace

const std::vector<std::string>& subnet_outputs() {
  static const std::vector<std::string> names = {"style", "enhance", "refine"};
  return names;
}

const std::vector<std::string>& fixed_parameters() {
  static const std::vector<std::string> names = {std::string(kLuminance) + ".weight"};
  return names;
}

Network hierarchical_network(std::uint64_t seed, const Shape& shape) {
  require(shape.width >= 1 && shape.blocks >= 0 && shape.edge_kernel % 2 == 1,
          "a network has a width of 1 at least and an odd first kernel; choose others");
  return Builder(seed, shape).network();
}

}  // namespace atelier::methods::multimodal
