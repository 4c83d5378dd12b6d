#include "methods/model_iteration/adversarial/cartoon_critic.h"

namespace atelier::methods {
namespace {

constexpr double kSlope = 0.2;

std::string relu(NetworkBuilder& build, const std::string& from) {
  return build.apply(from + "_relu", Op::kLeakyRelu, {from}, kSlope);
}

std::string layer(NetworkBuilder& build, const std::string& name, const std::string& from, std::int64_t in,
                  std::int64_t out) {
  const auto x = build.conv(name, from, in, out, 3, {.edge = Edge::kZero, .bias = false});
  return relu(build, build.instance_norm(name + "_norm", x, out));
}

/// A convolution of stride 2, then one that widens.
std::string pair(NetworkBuilder& build, const std::string& name, const std::string& from, std::int64_t in,
                 std::int64_t strided, std::int64_t out) {
  const auto x = build.conv(name, from, in, strided, 3, {.stride = 2, .edge = Edge::kZero});
  return layer(build, name + "_wider", relu(build, x), strided, out);
}

}  // namespace

Network cartoon_critic(std::uint64_t seed, std::int64_t width) {
  NetworkBuilder build(seed);
  auto x = build.scale("signed", build.input("picture"), 2, -1);
  x = relu(build, build.conv("in", x, 3, width, 3, {.edge = Edge::kZero}));
  x = pair(build, "down1", x, width, 2 * width, 4 * width);
  x = pair(build, "down2", x, 4 * width, 4 * width, 8 * width);
  x = layer(build, "last", x, 8 * width, 8 * width);
  build.conv("verdicts", x, 8 * width, 1, 3, {.edge = Edge::kZero});
  return build.build();
}

}  // namespace atelier::methods
