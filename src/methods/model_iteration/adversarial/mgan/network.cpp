#include "methods/model_iteration/adversarial/mgan/network.h"

#include <algorithm>

namespace atelier::methods::mgan {
namespace {

constexpr double kSlope = 0.2;
constexpr std::int64_t kFewestChannels = 4;

std::string layer(NetworkBuilder& build, const std::string& name, const std::string& from, std::int64_t in,
                  std::int64_t out, Edge edge) {
  const auto x = build.conv(name, from, in, out, 3, {.edge = edge, .bias = false});
  return build.apply(name + "_relu", Op::kLeakyRelu, {build.instance_norm(name + "_norm", x, out)}, kSlope);
}

}  // namespace

Network generator(std::uint64_t seed, std::int64_t channels, std::int64_t width) {
  NetworkBuilder build(seed);
  auto x = layer(build, "in", build.input("features"), channels, width, Edge::kReflection);
  auto have = width;
  for (const char* name : {"up3", "up2", "up1"}) {
    const auto out = std::max(kFewestChannels, have / 2);
    x = layer(build, name, build.resize(std::string(name) + "_larger", Op::kUpsample, x), have, out, Edge::kReflection);
    have = out;
  }
  x = build.conv("out", x, have, 3, 3);
  build.scale("painted", build.apply("bounded", Op::kTanh, {x}), 0.5, 0.5);
  return build.build();
}

Network critic(std::uint64_t seed, std::int64_t channels, std::int64_t width) {
  NetworkBuilder build(seed);
  auto x = build.apply("leaky", Op::kLeakyRelu, {build.input("features")}, kSlope);
  x = layer(build, "first", x, channels, width, Edge::kZero);
  x = layer(build, "second", x, width, width, Edge::kZero);
  build.conv("verdicts", x, width, 1, 1, {.edge = Edge::kZero});
  return build.build();
}

}  // namespace atelier::methods::mgan
