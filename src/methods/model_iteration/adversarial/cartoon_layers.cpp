#include "methods/model_iteration/adversarial/cartoon_layers.h"

#include <algorithm>
#include <cmath>

namespace atelier::methods {
namespace {

constexpr double kSlope = 0.2;
constexpr std::int64_t kFewestChannels = 4;

}  // namespace

std::int64_t scaled_channels(std::int64_t channels, double width) {
  return std::max(kFewestChannels, static_cast<std::int64_t>(std::lround(static_cast<double>(channels) * width)));
}

std::string CartoonLayers::start() { return build_.scale("signed", build_.input("picture"), 2, -1); }

std::string CartoonLayers::norm(const std::string& name, const std::string& from, std::int64_t channels) {
  return norm_ == Norm::kLayer ? build_.layer_norm(name + "_norm", from, channels)
                               : build_.instance_norm(name + "_norm", from, channels);
}

std::string CartoonLayers::relu(const std::string& name, const std::string& from) {
  return build_.apply(name + "_relu", Op::kLeakyRelu, {from}, kSlope);
}

std::string CartoonLayers::conv(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out,
                                int kernel, int stride) {
  const auto x = build_.conv(name, from, in, out, kernel, {.stride = stride, .bias = false});
  return relu(name, norm(name, x, out));
}

std::string CartoonLayers::depthwise(const std::string& name, const std::string& from, std::int64_t channels,
                                     int stride) {
  return build_.conv(name + "_depth", from, channels, channels, 3,
                     {.stride = stride, .groups = static_cast<int>(channels)});
}

std::string CartoonLayers::separable(const std::string& name, const std::string& from, std::int64_t in,
                                     std::int64_t out, int stride) {
  return conv(name, depthwise(name, from, in, stride), in, out, 1);
}

std::string CartoonLayers::inverted_residual(const std::string& name, const std::string& from, std::int64_t in,
                                             std::int64_t out, double expansion) {
  const auto inner = scaled_channels(in, expansion);
  auto x = conv(name + "_expand", from, in, inner, 1);
  x = depthwise(name, x, inner, 1);
  x = relu(name + "_depth", norm(name + "_depth", x, inner));
  x = build_.conv(name + "_project", x, inner, out, 1, {.bias = false});
  x = norm(name + "_project", x, out);
  return in == out ? sum(name, from, x) : x;
}

std::string CartoonLayers::resized(const std::string& name, Op op, const std::string& from) {
  return build_.resize(name, op, from);
}

std::string CartoonLayers::sum(const std::string& name, const std::string& a, const std::string& b) {
  return build_.apply(name, Op::kAdd, {a, b});
}

Network CartoonLayers::finish(const std::string& from, std::int64_t in) {
  const auto x = build_.conv("out", from, in, 3, 1, {.bias = false});
  build_.scale("painted", build_.apply("bounded", Op::kTanh, {x}), 0.5, 0.5);
  return build_.build();
}

}  // namespace atelier::methods
