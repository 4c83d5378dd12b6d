#include "methods/model_iteration/generative/johnson/network.h"

#include <torch/torch.h>

namespace atelier::methods::johnson {
namespace {

/// lengstrom's and pytorch/examples' stabilisers of the variance.
constexpr double kTransposedEpsilon = 1e-3, kNearestEpsilon = 1e-5;
/// tanh · 150 + 127.5 of 255 (src/transform.py), in [0, 1].
constexpr double kTanhReach = 150.0 / 255, kTanhMiddle = 0.5;

class Painter {
 public:
  Painter(std::uint64_t seed, const Shape& shape)
      : build_(seed), shape_(shape), transposed_(shape.upsampling == Upsampling::kTransposed) {}

  Network network() {
    auto x = build_.input("picture");
    x = layer("in", x, 3, shape_.full_width, shape_.edge_kernel, 1);
    x = layer("down1", x, shape_.full_width, shape_.half_width, 3, 2);
    x = layer("down2", x, shape_.half_width, shape_.quarter_width, 3, 2);
    for (int i = 1; i <= shape_.blocks; ++i) x = residual("block" + std::to_string(i), x);
    x = layer_up("up2", x, shape_.quarter_width, shape_.half_width);
    x = layer_up("up1", x, shape_.half_width, shape_.full_width);
    x = conv("out", x, shape_.full_width, 3, shape_.edge_kernel, 1);
    if (transposed_) finish_bounded(x);
    auto network = build_.build();
    if (!transposed_) start_grey(network);
    return network;
  }

 private:
  std::string conv(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out, int kernel,
                   int stride) {
    const NetworkBuilder::Conv how{.stride = stride,
                                   .edge = transposed_ ? Edge::kSame : Edge::kReflection,
                                   .bias = !transposed_};  // a norm follows, which takes a bias away again
    return build_.conv(name, from, in, out, kernel, how);
  }

  std::string norm(const std::string& name, const std::string& from, std::int64_t channels) {
    return build_.instance_norm(name + "_norm", from, channels, transposed_ ? kTransposedEpsilon : kNearestEpsilon);
  }

  std::string relu(const std::string& name, const std::string& from) {
    return build_.apply(name + "_relu", Op::kRelu, {from});
  }

  std::string layer(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out, int kernel,
                    int stride) {
    return relu(name, norm(name, conv(name, from, in, out, kernel, stride), out));
  }

  std::string layer_up(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out) {
    if (!transposed_) return layer(name, build_.resize(name + "_larger", Op::kUpsample, from), in, out, 3, 1);
    return relu(name, norm(name, build_.transposed_conv(name, from, in, out, 3, 2, false), out));
  }

  std::string residual(const std::string& name, const std::string& from) {
    const auto channels = shape_.quarter_width;
    const auto x = layer(name + "_1", from, channels, channels, 3, 1);
    const auto y = conv(name + "_2", x, channels, channels, 3, 1);
    return build_.apply(name, Op::kAdd, {from, norm(name + "_2", y, channels)});
  }

  void finish_bounded(const std::string& from) {
    const auto x = build_.apply("bounded", Op::kTanh, {norm("out", from, 3)});
    build_.scale("painted", x, kTanhReach, kTanhMiddle);
  }

  /// Training then starts near pictures instead of far outside their range.
  static void start_grey(Network& network) {
    network.parameters.at("out.weight") *= 0.1;
    network.parameters.at("out.bias").fill_(0.5);
  }

  NetworkBuilder build_;
  Shape shape_;
  bool transposed_;
};

}  // namespace

Network painting_network(std::uint64_t seed, const Shape& shape) { return Painter(seed, shape).network(); }

}  // namespace atelier::methods::johnson
