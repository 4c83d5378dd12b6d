#include "methods/model_iteration/adversarial/animegan/network.h"

#include "methods/model_iteration/adversarial/cartoon_layers.h"

namespace atelier::methods::animegan {
namespace {

constexpr int kBlocks = 8;
constexpr double kExpansion = 2;

class Generator {
 public:
  Generator(std::uint64_t seed, double width)
      : layers_(seed, CartoonLayers::Norm::kInstance),
        full_(scaled_channels(64, width)),
        half_(scaled_channels(128, width)),
        quarter_(scaled_channels(256, width)) {}

  Network network() {
    auto x = layers_.start();
    x = layers_.conv("a1", x, 3, full_, 3);
    x = layers_.conv("a2", x, full_, full_, 3);
    x = down("down1", x, full_, half_);
    x = layers_.conv("b1", x, half_, half_, 3);
    x = layers_.separable("b2", x, half_, half_);
    x = down("down2", x, half_, quarter_);
    x = layers_.conv("c1", x, quarter_, quarter_, 3);
    for (int i = 1; i <= kBlocks; ++i)
      x = layers_.inverted_residual("block" + std::to_string(i), x, quarter_, quarter_, kExpansion);
    x = layers_.conv("c2", x, quarter_, quarter_, 3);
    x = up("up2", x, quarter_, half_);
    x = layers_.separable("d1", x, half_, half_);
    x = layers_.conv("d2", x, half_, half_, 3);
    x = up("up1", x, half_, half_);
    x = layers_.conv("e1", x, half_, full_, 3);
    x = layers_.conv("e2", x, full_, full_, 3);
    return layers_.finish(x, full_);
  }

 private:
  /// The sum of a separable convolution of stride 2 and of one on the picture at half its size.
  std::string down(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out) {
    const auto strided = layers_.separable(name + "_strided", from, in, out, 2);
    const auto smaller = layers_.resized(name + "_half", Op::kAveragePool, from);
    return layers_.sum(name, strided, layers_.separable(name + "_resized", smaller, in, out));
  }

  std::string up(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out) {
    return layers_.separable(name, layers_.resized(name + "_larger", Op::kUpsample, from), in, out);
  }

  CartoonLayers layers_;
  std::int64_t full_, half_, quarter_;
};

}  // namespace

Network generator(std::uint64_t seed, double width) { return Generator(seed, width).network(); }

}  // namespace atelier::methods::animegan
