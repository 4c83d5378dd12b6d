#include "methods/model_iteration/generative/msg_net/network.h"

#include <torch/torch.h>

#include "atelier/error.h"

namespace atelier::methods::msg_net {
namespace {

constexpr std::int64_t kExpansion = 4;  // a bottleneck's result has four times the channels of its inner layers

class Painter {
 public:
  Painter(std::uint64_t seed, const Shape& shape) : build_(seed), shape_(shape) {}

  Network network() {
    const auto w = shape_.width;
    const auto picture = build_.input("picture"), gram = build_.input("gram");
    auto x = active("in", build_.conv("in", picture, 3, 4 * w, 7), 4 * w);
    x = bottleneck("down1", x, 4 * w, 2 * w, 2);
    x = bottleneck("down2", x, 8 * w, 8 * w, 2);
    x = build_.co_match("match", x, gram, 32 * w);
    for (int i = 1; i <= shape_.blocks; ++i) x = bottleneck("block" + std::to_string(i), x, 32 * w, 8 * w, 1);
    x = enlarging("up2", x, 32 * w, 2 * w);
    x = enlarging("up1", x, 8 * w, w);
    build_.conv("out", active("last", x, 4 * w), 4 * w, 3, 7);
    auto network = build_.build();
    network.parameters.at("out.weight") *= 0.1;  // starts near grey
    network.parameters.at("out.bias").fill_(0.5);
    return network;
  }

 private:
  std::string active(const std::string& name, const std::string& from, std::int64_t channels) {
    return build_.apply(name + "_relu", Op::kRelu, {build_.instance_norm(name + "_norm", from, channels)});
  }

  std::string larger(const std::string& name, const std::string& from) {
    return build_.resize(name + "_larger", Op::kUpsample, from);
  }

  /// Norm, ReLU and convolution, three times; the middle one changes the size by `stride` or by enlarging.
  std::string branch(const std::string& name, std::string x, std::int64_t in, std::int64_t inner, int stride,
                     bool enlarges) {
    x = build_.conv(name + "_1", active(name + "_1", x, in), in, inner, 1);
    x = active(name + "_2", x, inner);
    if (enlarges) x = larger(name + "_2", x);
    x = build_.conv(name + "_2", x, inner, inner, 3, {.stride = stride});
    return build_.conv(name + "_3", active(name + "_3", x, inner), inner, inner * kExpansion, 1);
  }

  std::string bottleneck(const std::string& name, const std::string& from, std::int64_t in, std::int64_t inner,
                         int stride) {
    const auto out = inner * kExpansion;
    const bool changes = stride != 1 || in != out;
    const auto kept = changes ? build_.conv(name + "_kept", from, in, out, 1, {.stride = stride}) : from;
    return build_.apply(name, Op::kAdd, {kept, branch(name, from, in, inner, stride, false)});
  }

  std::string enlarging(const std::string& name, const std::string& from, std::int64_t in, std::int64_t inner) {
    const auto kept = build_.conv(name + "_kept", larger(name + "_kept", from), in, inner * kExpansion, 1);
    return build_.apply(name, Op::kAdd, {kept, branch(name, from, in, inner, 1, true)});
  }

  NetworkBuilder build_;
  Shape shape_;
};

}  // namespace

Network painting_network(std::uint64_t seed, const Shape& shape) {
  require(shape.width >= 1 && shape.blocks >= 0, "a network has a width of 1 at least; choose another");
  return Painter(seed, shape).network();
}

void start_with_content(Network& network, const std::vector<Tensor>& grams) {
  constexpr double kRidge = 0.01;
  const torch::NoGradGuard no_grad;
  const auto mean = torch::cat(grams).to(torch::kDouble).mean(0);
  const auto ridge = torch::eye(mean.size(0), torch::kDouble) * (kRidge * mean.diagonal().mean());
  network.parameters.at("match.weight") = torch::linalg_inv(mean + ridge).to(torch::kFloat);
}

}  // namespace atelier::methods::msg_net
