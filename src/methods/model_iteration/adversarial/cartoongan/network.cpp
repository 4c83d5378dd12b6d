#include "methods/model_iteration/adversarial/cartoongan/network.h"

#include "methods/model_iteration/adversarial/cartoon_layers.h"

namespace atelier::methods::cartoongan {
namespace {

class Generator {
 public:
  Generator(std::uint64_t seed, double width)
      : build_(seed),
        full_(scaled_channels(64, width)),
        half_(scaled_channels(128, width)),
        quarter_(scaled_channels(256, width)) {}

  Network network(int blocks) {
    auto x = build_.scale("signed", build_.input("picture"), 2, -1);
    x = layer("in", x, 3, full_, 7);
    x = down("down1", x, full_, half_);
    x = down("down2", x, half_, quarter_);
    for (int i = 1; i <= blocks; ++i) x = residual("block" + std::to_string(i), x);
    x = up("up2", x, quarter_, half_);
    x = up("up1", x, half_, full_);
    x = build_.conv("out", x, full_, 3, 7);
    build_.scale("painted", build_.apply("bounded", Op::kTanh, {x}), 0.5, 0.5);
    return build_.build();
  }

 private:
  std::string layer(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out, int kernel) {
    const auto x = build_.conv(name, from, in, out, kernel, {.bias = false});
    return build_.apply(name + "_relu", Op::kRelu, {build_.instance_norm(name + "_norm", x, out)});
  }

  std::string down(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out) {
    const auto x = build_.conv(name + "_strided", from, in, out, 3, {.stride = 2});
    return layer(name, x, out, out, 3);
  }

  std::string up(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out) {
    const auto larger = build_.resize(name + "_larger", Op::kUpsample, from);
    return layer(name + "_2", build_.conv(name + "_1", larger, in, out, 3), out, out, 3);
  }

  std::string residual(const std::string& name, const std::string& from) {
    const auto x = layer(name + "_1", from, quarter_, quarter_, 3);
    const auto y = build_.conv(name + "_2", x, quarter_, quarter_, 3, {.bias = false});
    return build_.apply(name, Op::kAdd, {from, build_.instance_norm(name + "_2_norm", y, quarter_)});
  }

  NetworkBuilder build_;
  std::int64_t full_, half_, quarter_;
};

}  // namespace

Network generator(std::uint64_t seed, double width, int blocks) { return Generator(seed, width).network(blocks); }

}  // namespace atelier::methods::cartoongan
