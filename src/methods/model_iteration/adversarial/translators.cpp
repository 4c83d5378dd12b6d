#include "methods/model_iteration/adversarial/translators.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <algorithm>

#include "atelier/error.h"

namespace atelier::methods {
namespace {

constexpr double kDeviation = 0.02, kSlope = 0.2;
constexpr std::int64_t kMostWidening = 8;

std::string numbered(const std::string& name, int number) { return name + std::to_string(number); }

std::string normalised(NetworkBuilder& build, Norm norm, const std::string& from, std::int64_t channels) {
  switch (norm) {
    case Norm::kInstance: return build.instance_norm(from + "_norm", from, channels);
    case Norm::kBatch: return build.batch_norm(from + "_norm", from, channels);
    case Norm::kNone: return from;
  }
  return from;
}

std::string dropped(NetworkBuilder& build, const std::string& from, double share) {
  return share > 0 ? build.apply(from + "_dropped", Op::kDropout, {from}, share) : from;
}

/// [0, 1] to [-1, 1], and back through tanh.
std::string centred_input(NetworkBuilder& build, const std::string& name) {
  return build.scale(name + "_centred", build.input(name), 2, -1);
}
std::string bounded_output(NetworkBuilder& build, const std::string& from) {
  return build.scale("painted", build.apply("bounded", Op::kTanh, {from}), 0.5, 0.5);
}

/// Twice as large, by a transposed convolution of side `kernel` or the other way.
std::string enlarged(NetworkBuilder& build, Enlarging how, const std::string& name, const std::string& from,
                     std::int64_t in, std::int64_t out, int kernel, bool bias) {
  if (how == Enlarging::kTransposed) return build.transposed_conv(name, from, in, out, kernel, 2, bias);
  return build.conv(name, build.resize(name + "_larger", Op::kUpsample, from), in, out, 3, {.bias = bias});
}

class Unet {
 public:
  Unet(std::uint64_t seed, const UnetShape& shape) : build_(seed), shape_(shape) {}

  Network network() {
    std::vector<std::string> levels;  // what each level of the way in gives, outermost first
    auto x = centred_input(build_, "picture");
    for (int level = 1; level <= shape_.depth; ++level) levels.push_back(x = down(level, x));
    for (int level = shape_.depth; level > 1; --level) {
      x = up(level, x, level == shape_.depth);
      if (shape_.skips)
        x = build_.apply(numbered("joined", level), Op::kConcat, {x, levels[static_cast<std::size_t>(level) - 2]});
    }
    const auto joined = shape_.skips && shape_.depth > 1 ? 2 * width(1) : width(1);
    x = enlarged(build_, shape_.enlarging, "out", relu(x), joined, 3, 4, true);
    bounded_output(build_, x);
    return build_.build();
  }

 private:
  std::int64_t width(int level) const {
    return std::min(shape_.width << std::min(level - 1, 8), kMostWidening * shape_.width);
  }
  std::string relu(const std::string& from) { return build_.apply(from + "_relu", Op::kRelu, {from}); }

  /// A plain level has a norm unless it is the first; nothing is left to normalise in one pixel, where the U-Net of
  /// the paper's size ends.
  bool has_norm(int level) const {
    return level > 1 && shape_.norm != Norm::kNone && (level < shape_.depth || shape_.norm == Norm::kBatch);
  }

  std::string down(int level, std::string x) {
    if (level > 1) x = build_.apply(x + "_leaky", Op::kLeakyRelu, {x}, kSlope);
    const NetworkBuilder::Conv how{.stride = 2, .edge = Edge::kZero, .bias = !has_norm(level), .padding = 1};
    x = build_.conv(numbered("down", level), x, level == 1 ? 3 : width(level - 1), width(level), 4, how);
    return has_norm(level) ? normalised(build_, shape_.norm, x, width(level)) : x;
  }

  std::string up(int level, const std::string& from, bool innermost) {
    const auto in = shape_.skips && !innermost ? 2 * width(level) : width(level);
    auto x = enlarged(build_, shape_.enlarging, numbered("up", level), relu(from), in, width(level - 1), 4,
                      shape_.norm == Norm::kNone);
    x = normalised(build_, shape_.norm, x, width(level - 1));
    return level > shape_.depth - shape_.dropout_levels ? dropped(build_, x, shape_.dropout) : x;
  }

  NetworkBuilder build_;
  UnetShape shape_;
};

class Resnet {
 public:
  Resnet(std::uint64_t seed, const ResnetShape& shape) : build_(seed), shape_(shape) {}

  Network network() {
    const auto w = shape_.width;
    auto x = dropped(build_, centred_input(build_, "picture"), shape_.input_dropout);
    x = layer("in", x, 3, w, 7, {.bias = false});
    x = layer("down1", x, w, 2 * w, 3, {.stride = 2, .edge = Edge::kZero, .bias = false});
    x = layer("down2", x, 2 * w, 4 * w, 3, {.stride = 2, .edge = Edge::kZero, .bias = false});
    for (int i = 1; i <= shape_.blocks; ++i) x = residual(numbered("block", i), x);
    x = layer_up("up2", x, 4 * w, 2 * w);
    x = layer_up("up1", x, 2 * w, w);
    bounded_output(build_, build_.conv("out", x, w, 3, 7));
    return build_.build();
  }

 private:
  std::string relu(const std::string& from) { return build_.apply(from + "_relu", Op::kRelu, {from}); }

  std::string layer(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out, int kernel,
                    const NetworkBuilder::Conv& how) {
    return relu(normalised(build_, Norm::kInstance, build_.conv(name, from, in, out, kernel, how), out));
  }

  std::string layer_up(const std::string& name, const std::string& from, std::int64_t in, std::int64_t out) {
    const auto x = enlarged(build_, shape_.enlarging, name, from, in, out, 3, false);
    return relu(normalised(build_, Norm::kInstance, x, out));
  }

  std::string residual(const std::string& name, const std::string& from) {
    const auto channels = 4 * shape_.width;
    const NetworkBuilder::Conv how{.bias = false};
    const auto x = dropped(build_, layer(name + "_1", from, channels, channels, 3, how), shape_.dropout);
    const auto y = build_.conv(name + "_2", x, channels, channels, 3, how);
    return build_.apply(name, Op::kAdd, {from, normalised(build_, Norm::kInstance, y, channels)});
  }

  NetworkBuilder build_;
  ResnetShape shape_;
};

}  // namespace

void initialise(Network& network, std::uint64_t seed) {
  auto random = at::detail::createCPUGenerator(seed);
  const auto drawn = [&](const Tensor& like, double mean) {
    return at::randn(like.sizes(), random, like.options()) * kDeviation + mean;
  };
  for (const auto& node : network.graph.nodes) {
    const auto found = network.parameters.find(node.name + ".weight");
    if (found == network.parameters.end()) continue;
    const bool convolution = node.op == Op::kConv || node.op == Op::kTransposedConv;
    found->second = drawn(found->second, convolution ? 0 : 1);
  }
}

Network unet(std::uint64_t seed, const UnetShape& shape) {
  require(shape.depth > 0 && shape.depth < 12 && shape.width > 0, "a U-Net needs 1 to 11 levels and some channels");
  auto network = Unet(seed, shape).network();
  initialise(network, seed);
  return network;
}

Network resnet(std::uint64_t seed, const ResnetShape& shape) {
  require(shape.blocks >= 0 && shape.width > 0, "a residual generator needs some channels");
  auto network = Resnet(seed, shape).network();
  initialise(network, seed);
  return network;
}

Network patch_critic(std::uint64_t seed, const PatchShape& shape) {
  require(shape.strided > 0 && shape.plain >= 0 && shape.width > 0, "a critic needs layers and some channels");
  NetworkBuilder build(seed);
  auto x = centred_input(build, "picture");
  std::int64_t channels = 3;
  if (shape.conditional) {
    x = build.apply("both", Op::kConcat, {x, centred_input(build, "photo")});
    channels = 6;
  }
  for (int layer = 1; layer <= shape.strided + shape.plain; ++layer) {
    const auto out = std::min(shape.width << std::min(layer - 1, 8), kMostWidening * shape.width);
    const auto norm = layer > 1 ? shape.norm : Norm::kNone;
    const NetworkBuilder::Conv how{
        .stride = layer <= shape.strided ? 2 : 1, .edge = Edge::kZero, .bias = norm == Norm::kNone, .padding = 1};
    x = normalised(build, norm, build.conv(numbered("layer", layer), x, channels, out, 4, how), out);
    x = dropped(build, build.apply(x + "_leaky", Op::kLeakyRelu, {x}, kSlope), shape.dropout);
    channels = out;
  }
  build.conv("verdicts", x, channels, shape.verdicts, 4, {.edge = Edge::kZero, .padding = shape.last_padding});
  auto network = build.build();
  initialise(network, seed);
  return network;
}

std::int64_t patch_size(const PatchShape& shape) {
  std::int64_t seen = 4;
  for (int layer = shape.strided + shape.plain; layer >= 1; --layer)
    seen = (seen - 1) * (layer <= shape.strided ? 2 : 1) + 4;
  return seen;
}

}  // namespace atelier::methods
