#include "methods/model_iteration/adversarial/animegan2/network.h"

#include "methods/model_iteration/adversarial/cartoon_layers.h"

namespace atelier::methods::animegan2 {
namespace {

constexpr double kExpansion = 2;
constexpr int kOuterKernel = 7;

}  // namespace

Network generator(std::uint64_t seed, double width) {
  const auto c32 = scaled_channels(32, width), c64 = scaled_channels(64, width), c128 = scaled_channels(128, width),
             c256 = scaled_channels(256, width);
  CartoonLayers layers(seed, CartoonLayers::Norm::kLayer);
  auto x = layers.start();
  x = layers.conv("a1", x, 3, c32, kOuterKernel);
  x = layers.conv("a2", x, c32, c64, 3, 2);
  x = layers.conv("a3", x, c64, c64, 3);
  x = layers.conv("b1", x, c64, c128, 3, 2);
  x = layers.conv("b2", x, c128, c128, 3);
  x = layers.conv("c1", x, c128, c128, 3);
  x = layers.inverted_residual("block1", x, c128, c256, kExpansion);
  for (int i = 2; i <= 4; ++i) x = layers.inverted_residual("block" + std::to_string(i), x, c256, c256, kExpansion);
  x = layers.conv("c2", x, c256, c128, 3);
  x = layers.resized("half", Op::kUpsampleBilinear, x);
  x = layers.conv("d1", x, c128, c128, 3);
  x = layers.conv("d2", x, c128, c128, 3);
  x = layers.resized("full", Op::kUpsampleBilinear, x);
  x = layers.conv("e1", x, c128, c64, 3);
  x = layers.conv("e2", x, c64, c64, 3);
  x = layers.conv("e3", x, c64, c32, kOuterKernel);
  return layers.finish(x, c32);
}

}  // namespace atelier::methods::animegan2
