#include "methods/model_iteration/adversarial/content_gan/network.h"

#include <algorithm>

#include "methods/model_iteration/adversarial/translators.h"

namespace atelier::methods::content_gan {
namespace {

/// Keras' defaults for LeakyReLU and BatchNormalization, which the text's code leaves as they are.
constexpr double kSlope = 0.3, kEpsilon = 1e-3;
constexpr int kVerdictKernel = 7;

std::string leaky(NetworkBuilder& build, const std::string& from) {
  return build.apply(from + "_leaky", Op::kLeakyRelu, {from}, kSlope);
}

std::string dropped(NetworkBuilder& build, const std::string& from, double share) {
  return share > 0 ? build.apply(from + "_dropped", Op::kDropout, {from}, share) : from;
}

}  // namespace

Network dense_generator(std::uint64_t seed, double code_dropout, std::int64_t narrower) {
  NetworkBuilder build(seed);
  auto x = dropped(build, build.input("code"), code_dropout);
  std::int64_t in = kCodeSize;
  for (const std::int64_t full : {256, 512, 1024}) {
    const auto name = "dense" + std::to_string(full);
    const auto out = std::max<std::int64_t>(full / narrower, 1);
    x = build.conv(name, x, in, out, 1, {.bias = false});
    x = leaky(build, build.batch_norm(name + "_norm", x, out, kEpsilon));
    in = out;
  }
  x = build.conv("pixels", x, in, kDigitSide * kDigitSide, 1);
  x = build.resize("square", Op::kPixelShuffle, build.apply("bounded", Op::kTanh, {x}), kDigitSide);
  build.scale("drawn", x, 0.5, 0.5);
  return build.build();
}

Network convolutional_critic(std::uint64_t seed, const CriticShape& shape) {
  NetworkBuilder build(seed);
  auto x = build.scale("picture_centred", build.input("picture"), 2, -1);
  x = dropped(build, x, shape.picture_dropout);
  const NetworkBuilder::Conv half{.stride = 2, .edge = Edge::kSame};
  x = dropped(build, leaky(build, build.conv("layer1", x, shape.channels, shape.width, 3, half)), shape.dropout);
  x = dropped(build, leaky(build, build.conv("layer2", x, shape.width, 2 * shape.width, 3, half)), shape.dropout);
  build.conv("verdicts", x, 2 * shape.width, 1, kVerdictKernel, {.edge = Edge::kZero, .padding = 0});
  auto network = build.build();
  initialise(network, seed);
  return network;
}

}  // namespace atelier::methods::content_gan
