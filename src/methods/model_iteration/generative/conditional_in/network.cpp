#include "methods/model_iteration/generative/conditional_in/network.h"

namespace atelier::methods::conditional_in {
namespace {

class Painter {
 public:
  Painter(std::int64_t styles, std::uint64_t seed) : styles_(styles), build_(seed) {
    picture_ = build_.input("picture");
    shares_ = build_.input("shares");
  }

  Network network(const Shape& shape) {
    auto x = build_.scale("centred", picture_, 2, -1);
    x = layer("in", x, 3, shape.edge_width, 5, 1);
    x = layer("down1", x, shape.edge_width, shape.half_width, 3, 2);
    const auto quarter = layer("down2", x, shape.half_width, shape.quarter_width, 3, 2);
    x = layer("down3", quarter, shape.quarter_width, shape.eighth_width, 3, 2);
    for (int i = 1; i <= shape.eighth_blocks; ++i) x = residual("eighth" + std::to_string(i), x, shape.eighth_width);
    x = layer_up("up3", x, shape.eighth_width, shape.quarter_width);
    x = build_.apply("joined", Op::kAdd, {x, quarter});
    for (int i = 1; i <= shape.quarter_blocks; ++i) x = residual("quarter" + std::to_string(i), x, shape.quarter_width);
    x = layer_up("up2", x, shape.quarter_width, shape.half_width);
    x = layer_up("up1", x, shape.half_width, shape.edge_width);
    x = build_.conv("out", x, shape.edge_width, 3, 5);
    build_.scale("painted", x, 0.56, 0.5);
    return build_.build();
  }

 private:
  std::string norm(const std::string& name, const std::string& from, std::int64_t channels) {
    return build_.conditional_norm(name + "_norm", from, shares_, styles_, channels);
  }

  std::string layer(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out, int kernel,
                    int stride) {
    const auto x = build_.conv(name, from, in, out, kernel, {.stride = stride, .bias = false});
    return build_.apply(name + "_relu", Op::kRelu, {norm(name, x, out)});
  }

  std::string layer_up(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out) {
    return layer(name, build_.resize(name + "_larger", Op::kUpsampleBilinear, from), in, out, 3, 1);
  }

  std::string residual(const std::string& name, const std::string& from, std::int64_t channels) {
    const auto x = layer(name + "_1", from, channels, channels, 3, 1);
    const auto y = build_.conv(name + "_2", x, channels, channels, 3, {.bias = false});
    return build_.apply(name, Op::kAdd, {from, norm(name + "_2", y, channels)});
  }

  std::int64_t styles_;
  NetworkBuilder build_;
  std::string picture_, shares_;
};

}  // namespace

Network painting_network(std::int64_t styles, std::uint64_t seed, const Shape& shape) {
  return Painter(styles, seed).network(shape);
}

}  // namespace atelier::methods::conditional_in
