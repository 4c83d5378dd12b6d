#include "methods/model_iteration/reconstruction/decoders.h"

#include <torch/torch.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "atelier/error.h"
#include "tensor/weight_tensor.h"
#include "weights/model_file.h"
#include "weights/model_store.h"

namespace atelier::reconstruction {
namespace {

namespace fs = std::filesystem;

constexpr int kLevels = 5;
constexpr double kResidualShare = 0.2;

std::string tap_of(const ChainLayer& layer) { return "relu" + layer.name.substr(4); }

std::int64_t scaled(std::int64_t channels, double width) {
  return std::max<std::int64_t>(std::min<std::int64_t>(channels, 8),
                                std::llround(static_cast<double>(channels) * width));
}

std::string about(const WeightSet& weights, const char* key) {
  const auto found = weights.metadata.find(key);
  return found == weights.metadata.end() ? std::string() : found->second;
}

Network open_network(const WeightSet& weights, const std::string& model, const std::string& method) {
  require(
      about(weights, "kind") == "decoder" && about(weights, "method") == method && !about(weights, "encoder").empty(),
      "the model \"" + model + "\" holds no decoders for " + method + "; see `atelier models list` for those that do");
  return read_network(weights);
}

std::vector<Level> read_folder(const fs::path& folder, Precision precision) {
  std::vector<Level> levels;
  const auto file = [&](const std::string& part, int level) {
    const auto name = part + "-" + std::to_string(level);
    for (const char* ending : {".safetensors", ".pth"})
      if (fs::exists(folder / (name + ending))) return read_weights(folder / (name + ending));
    throw Error(folder.string() + " holds no " + name + ".safetensors or .pth; give a folder with all five pairs");
  };
  for (int level = kLevels; level >= 1; --level) {
    const auto tap = "relu" + std::to_string(level) + "_1";
    const EncoderOptions options{.padding = Padding::kReflection, .precision = precision};
    const auto encoder =
        std::make_shared<const Encoder>(read_chain(file("encoder", level), InputConvention::kStored), options);
    levels.push_back({tap, encoder, read_mirror(encoder->chain(), tap, file("decoder", level), {.last_relu = true})});
  }
  return levels;
}

/// A model goes before a folder of the same name, which may lie about where somebody works.
bool names_a_model(const std::string& name) {
  const auto models = list_models();
  return std::any_of(models.begin(), models.end(), [&](const auto& model) { return model.name == name; });
}

}  // namespace

Network mirror_decoder(const ConvChain& chain, const std::string& tap, const MirrorOptions& options,
                       std::uint64_t seed) {
  require(options.width > 0 && (!options.unpool || options.width == 1),
          "mirror_decoder: the width must be above 0, and 1 with unpooling");
  NetworkBuilder build(seed);
  auto x = build.input("features");
  const auto deepest = chain.layer_of(tap);
  if (options.unpool)
    for (std::size_t i = 1; i <= deepest; ++i)
      if (chain.layers[i].pool_before) build.input(tap_of(chain.layers[i - 1]));
  std::int64_t in = chain.layers[deepest].weight.size(0);
  for (std::size_t i = deepest + 1; i-- > 0;) {
    const auto& layer = chain.layers[i];
    const bool last = i == 0;
    const auto out = last ? 3 : scaled(layer.weight.size(1), options.width);
    x = build.conv(layer.name, x, in, out, 3);
    if (!last || options.last_relu) x = build.apply("active" + layer.name.substr(4), Op::kRelu, {x});
    if (layer.pool_before && options.unpool)
      x = build.unpool("unpool" + layer.name.substr(4), x, tap_of(chain.layers[i - 1]));
    else if (layer.pool_before)
      x = build.resize("up" + layer.name.substr(4), Op::kUpsample, x);
    in = out;
  }
  return build.build();
}

namespace {

/// x + conv(relu(conv(x))): without norms, which would take the statistics away again. It starts close to x.
std::string residual(NetworkBuilder& build, const std::string& name, const std::string& from, std::int64_t channels) {
  auto x = build.conv(name + "a", from, channels, channels, 3);
  x = build.apply(name + "active", Op::kRelu, {x});
  x = build.conv(name + "b", x, channels, channels, 3);
  return build.apply(name, Op::kAdd, {from, build.scale(name + "small", x, kResidualShare, 0)});
}

}  // namespace

Network skip_decoder(const ConvChain& chain, const std::vector<std::string>& taps, const SkipOptions& options,
                     std::uint64_t seed) {
  require(options.width > 0 && !taps.empty(), "skip_decoder: the width must be above 0, and a tap is needed");
  NetworkBuilder build(seed);
  auto x = build.input("features");
  std::map<std::size_t, std::string> joins;  // by the layer that made them
  for (std::size_t i = 1; i < taps.size(); ++i) {
    require(chain.layer_of(taps[i]) < chain.layer_of(taps[i - 1]), "skip_decoder: give the taps deepest first");
    joins[chain.layer_of(taps[i])] = build.input(std::string(kStyled) + taps[i]);
  }
  const auto deepest = chain.layer_of(taps[0]);
  std::int64_t in = chain.layers[deepest].weight.size(0);
  for (int i = 1; i <= options.residual_blocks; ++i) x = residual(build, "residual" + std::to_string(i), x, in);
  for (std::size_t i = deepest + 1; i-- > 0;) {
    const auto& layer = chain.layers[i];
    if (const auto joined = joins.find(i); joined != joins.end()) {
      x = build.apply("join" + layer.name.substr(4), Op::kConcat, {x, joined->second});
      in += layer.weight.size(0);
    }
    const auto out = i == 0 ? 3 : scaled(layer.weight.size(1), options.width);
    x = build.conv(layer.name, x, in, out, 3);
    if (i > 0) x = build.apply("active" + layer.name.substr(4), Op::kRelu, {x});
    if (layer.pool_before) x = build.resize("up" + layer.name.substr(4), Op::kUpsample, x);
    in = out;
  }
  return build.build();
}

void scale_to_data(Network& network, const std::map<std::string, Tensor>& given) {
  constexpr double kPictureDeviation = 0.25, kPictureMean = 0.45;  // about those of photos
  const torch::NoGradGuard no_grad;
  const auto& nodes = network.graph.nodes;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].op != Op::kConv) continue;
    const bool last = i + 1 == nodes.size();
    const Network part{{{nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(i) + 1}}, network.parameters};
    const double deviation = run_network(part, given).std().item<double>();
    network.parameters[nodes[i].name + ".weight"] /= std::max(deviation, 1e-6) / (last ? kPictureDeviation : 1);
    if (last) network.parameters[nodes[i].name + ".bias"] += kPictureMean;
  }
}

std::string tap_of_input(const std::string& input, const std::string& own_tap) {
  if (input == "features") return own_tap;
  return input.starts_with(kStyled) ? input.substr(kStyled.size()) : input;
}

bool is_transferred(const std::string& input) { return input == "features" || input.starts_with(kStyled); }

std::map<std::string, Tensor> decoder_inputs(const std::vector<std::string>& names, const std::string& own_tap,
                                             const std::map<std::string, Tensor>& features,
                                             const std::map<std::string, std::vector<StyleTarget>>& styles,
                                             Transform transform, double alpha, double least) {
  std::map<std::string, Tensor> given;
  for (const auto& name : names) {
    const auto tap = tap_of_input(name, own_tap);
    const auto& raw = features.at(tap);
    given[name] = is_transferred(name) ? transfer_statistics(raw, styles.at(tap), transform, alpha, least) : raw;
  }
  return given;
}

Network read_mirror(const ConvChain& chain, const std::string& tap, const WeightSet& weights,
                    const MirrorOptions& options) {
  auto network = mirror_decoder(chain, tap, options);
  for (auto& [name, tensor] : network.parameters) {
    auto given = name;
    if (!weights.tensors.contains(given)) given.erase(given.find('_'), 1);
    const auto read = to_float_tensor(weights, given);
    require(read.sizes() == tensor.sizes(),
            "the decoder's " + given + " does not fit its encoder; give a pair that was trained together");
    tensor = read;
  }
  return network;
}

Network join_decoders(const std::vector<std::pair<std::string, Network>>& by_tap) {
  Network joined;
  for (const auto& [tap, network] : by_tap) {
    for (auto node : network.graph.nodes) {
      node.name = tap + "." + node.name;
      for (auto& input : node.inputs) input = tap + "." + input;
      joined.graph.nodes.push_back(node);
    }
    for (const auto& [name, tensor] : network.parameters) joined.parameters[tap + "." + name] = tensor;
  }
  return joined;
}

StartDecoders open_start(const std::string& model) {
  const auto weights = open_model(model);
  require(about(weights, "kind") == "decoder",
          "the model \"" + model + "\" holds no decoders to start from; see `atelier models list` for those that do");
  return {read_network(weights), about(weights, "method")};
}

std::vector<std::string> decoder_taps(const Network& joined) {
  std::set<std::string, std::greater<>> taps;
  for (const auto& node : joined.graph.nodes) taps.insert(node.name.substr(0, node.name.find('.')));
  return {taps.begin(), taps.end()};
}

Network decoder_of(const Network& joined, const std::string& tap) {
  Network network;
  const auto prefix = tap + ".";
  for (auto node : joined.graph.nodes) {
    if (!node.name.starts_with(prefix)) continue;
    node.name.erase(0, prefix.size());
    for (auto& input : node.inputs) input.erase(0, prefix.size());
    network.graph.nodes.push_back(node);
  }
  require(!network.graph.nodes.empty(), "the model has no decoder for " + tap + "; choose among its own levels");
  for (const auto& [name, tensor] : joined.parameters)
    if (name.starts_with(prefix)) network.parameters[name.substr(prefix.size())] = tensor;
  return network;
}

std::vector<Level> open_levels(const std::string& model, const std::string& method, Precision precision) {
  if (fs::is_directory(model) && !names_a_model(model)) return read_folder(model, precision);
  const auto weights = open_model(model);
  const auto joined = open_network(weights, model, method);
  const auto encoder = open_encoder(weights.metadata.at("encoder"), {.precision = precision});
  std::vector<Level> levels;
  for (const auto& tap : decoder_taps(joined)) levels.push_back({tap, encoder, decoder_of(joined, tap)});
  return levels;
}

WeightSet write_decoders(const std::vector<std::pair<std::string, Network>>& by_tap, const std::string& method,
                         const std::string& encoder, bool half) {
  auto weights = write_network(join_decoders(by_tap), half);
  weights.metadata["kind"] = "decoder";
  weights.metadata["method"] = method;
  weights.metadata["encoder"] = encoder;
  return weights;
}

}  // namespace atelier::reconstruction
