#include "methods/model_iteration/adversarial/sketch_color/network.h"

#include <algorithm>

#include "atelier/error.h"

namespace atelier::methods::sketch_color {
namespace {

constexpr int kLevels = 3;
constexpr std::int64_t kInMiddle = 1 << kLevels;  // times the width
static_assert(kMiddle == 1 << kLevels);

std::string numbered(const std::string& name, int number) { return name + std::to_string(number); }

class Painter {
 public:
  Painter(std::uint64_t seed, std::int64_t hints, const PainterShape& shape)
      : build_(seed), hints_(hints), shape_(shape) {}

  Network network() {
    auto x = build_.scale("picture_centred", build_.input("picture"), 2, -1);
    const auto hint = build_.conv("hint_in", build_.batch_norm("hint_norm", build_.input("hint"), hints_), hints_,
                                  middle(), 1, {.edge = Edge::kZero});
    std::vector<std::string> levels = {x = way_in("in", x, 3, shape_.width, 3, {.bias = false})};
    for (int level = 1; level <= kLevels; ++level) levels.push_back(x = down(level, x));
    x = build_.apply("hinted", Op::kAdd, {x, hint});
    for (int i = 1; i <= shape_.blocks; ++i) x = residual(i == shape_.blocks ? "middle" : numbered("block", i), x);
    for (int level = kLevels; level > 0; --level) x = up(level, x, levels[static_cast<std::size_t>(level) - 1]);
    x = build_.conv("out", x, shape_.width, 3, 3);
    build_.scale("painted", build_.apply("bounded", Op::kTanh, {x}), 0.5, 0.5);
    return build_.build();
  }

 private:
  std::int64_t middle() const { return kInMiddle * shape_.width; }
  std::int64_t width(int level) const { return shape_.width << level; }

  std::string way_in(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out, int kernel,
                     const NetworkBuilder::Conv& how, const std::string& result = "") {
    const auto x = build_.conv(name, from, in, out, kernel, how);
    return build_.apply(result.empty() ? name + "_relu" : result, Op::kRelu,
                        {build_.instance_norm(name + "_norm", x, out)});
  }

  std::string down(int level, const std::string& from) {
    const NetworkBuilder::Conv how{.stride = 2, .bias = false, .padding = 1};
    return way_in(numbered("down", level), from, width(level - 1), width(level), 4, how,
                  level == kLevels ? "entry" : "");
  }

  std::string way_back(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out) {
    return build_.layer_norm(name + "_norm", build_.conv(name, from, in, out, 3, {.bias = false}), out);
  }

  std::string residual(const std::string& name, const std::string& from) {
    const auto x = way_back(name + "_1", from, middle(), middle());
    const auto y = way_back(name + "_2", build_.apply(name + "_relu", Op::kRelu, {x}), middle(), middle());
    return build_.apply(name, Op::kAdd, {from, y});
  }

  /// To the size of `level` − 1, beside what was there on the way in.
  std::string up(int level, const std::string& from, const std::string& beside) {
    const auto name = numbered("up", level);
    const auto larger = build_.resize(name + "_larger", Op::kUpsample, from);
    const auto joined = build_.apply(name + "_joined", Op::kConcat, {larger, beside});
    const auto x = way_back(name, joined, width(level) + width(level - 1), width(level - 1));
    return build_.apply(name + "_relu", Op::kRelu, {x});
  }

  NetworkBuilder build_;
  std::int64_t hints_;
  PainterShape shape_;
};

}  // namespace

Network painter(std::uint64_t seed, std::int64_t hints, const PainterShape& shape) {
  require(shape.width > 0 && shape.blocks > 0 && hints > 0,
          "a painter of sketches needs some channels and a residual block");
  return Painter(seed, hints, shape).network();
}

WeightSet painter_model(const Network& painter, const std::string& encoder) {
  auto model = write_network(painter, true);
  model.metadata["kind"] = "painter";
  model.metadata["method"] = "sketch-color";
  model.metadata["encoder"] = encoder;
  return model;
}

Network guide(std::uint64_t seed, std::int64_t channels, const PainterShape& shape) {
  NetworkBuilder build(seed);
  auto x = build.input("features");
  auto in = kInMiddle * shape.width;
  for (int level = kLevels; level > 0; --level) {
    const auto name = numbered("up", level), from = build.resize(name + "_larger", Op::kUpsample, x);
    const auto out = std::max<std::int64_t>(in / 4, 4);
    x = build.apply(name + "_relu", Op::kRelu, {build.conv(name, from, in, out, 3)});
    in = out;
  }
  build.apply("guided", Op::kSigmoid, {build.conv("out", x, in, channels, 3)});
  return build.build();
}

}  // namespace atelier::methods::sketch_color
