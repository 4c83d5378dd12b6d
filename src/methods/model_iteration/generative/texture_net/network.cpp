#include "methods/model_iteration/generative/texture_net/network.h"

#include <torch/torch.h>

#include "atelier/error.h"

namespace atelier::methods::texture_net {
namespace {

constexpr double kLeak = 0.01;  // slope below zero: the default of Torch's LeakyReLU

class Generator {
 public:
  Generator(std::uint64_t seed, const Shape& shape) : build_(seed), shape_(shape) {
    picture_ = build_.input("picture");
    noise_ = build_.input("noise");
  }

  Network network() {
    std::string x;
    for (int scale = shape_.scales - 1; scale >= 0; --scale) x = join(scale, x, at_scale(scale));
    build_.conv("out", x, shape_.width * shape_.scales, 3, 1);
    auto network = build_.build();
    for (int scale = 0; scale < shape_.scales; ++scale) select_noise(network, scale);
    network.parameters.at("out.weight") *= 0.1;  // starts near grey
    network.parameters.at("out.bias").fill_(0.5);
    return network;
  }

 private:
  static std::string named(const char* what, int scale) { return what + std::to_string(scale); }

  /// Photo and noise at 2^−scale of their size, after three convolutions: `width` channels.
  std::string at_scale(int scale) {
    const int ratio = 1 << scale;
    const auto photo = scale == 0 ? picture_ : build_.resize(named("photo", scale), Op::kAveragePool, picture_, ratio);
    const auto noise = build_.conv(named("noise", scale), noise_, shape_.noise * shape_.scales, shape_.noise, 1,
                                   {.stride = ratio, .bias = false});
    const auto both = build_.apply(named("given", scale), Op::kConcat, {photo, noise});
    return block(named("scale", scale), both, 3 + shape_.noise, shape_.width);
  }

  /// `coarser`, enlarged, beside `own`.
  std::string join(int scale, const std::string& coarser, const std::string& own) {
    if (coarser.empty()) return own;
    const auto channels = shape_.width * (shape_.scales - 1 - scale);
    const auto larger = build_.resize(named("larger", scale), Op::kUpsample, coarser);
    const auto both =
        build_.apply(named("joined", scale), Op::kConcat,
                     {norm(named("coarse", scale), larger, channels), norm(named("fine", scale), own, shape_.width)});
    return block(named("join", scale), both, channels + shape_.width, channels + shape_.width);
  }

  std::string block(const std::string& name, std::string x, std::int64_t in, std::int64_t out) {
    for (int i = 1; i <= 3; ++i) {
      const auto step = name + "_" + std::to_string(i);
      x = build_.conv(step, x, i == 1 ? in : out, out, i == 3 ? 1 : 3, {.edge = Edge::kReplicate, .bias = false});
      x = build_.apply(step + "_relu", Op::kLeakyRelu, {norm(step, x, out)}, kLeak);
    }
    return x;
  }

  std::string norm(const std::string& name, const std::string& from, std::int64_t channels) {
    return shape_.norm == Norm::kInstance ? build_.instance_norm(name + "_norm", from, channels)
                                          : build_.batch_norm(name + "_norm", from, channels);
  }

  void select_noise(Network& network, int scale) const {
    auto& weight = network.parameters.at(named("noise", scale) + ".weight");
    weight.zero_();
    for (std::int64_t i = 0; i < shape_.noise; ++i) weight[i][scale * shape_.noise + i].fill_(1);
  }

  NetworkBuilder build_;
  Shape shape_;
  std::string picture_, noise_;
};

}  // namespace

Network generator_network(std::uint64_t seed, const Shape& shape) {
  require(shape.scales >= 1 && shape.scales <= 8 && shape.width >= 1 && shape.noise >= 1,
          "a generator has 1 to 8 scales, and channels for each; choose other numbers");
  return Generator(seed, shape).network();
}

}  // namespace atelier::methods::texture_net
