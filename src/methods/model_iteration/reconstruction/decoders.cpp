#include "methods/model_iteration/reconstruction/decoders.h"

#include <torch/torch.h>

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

std::string tap_of(const ChainLayer& layer) { return "relu" + layer.name.substr(4); }

std::int64_t scaled(std::int64_t channels, double width) {
  return std::max<std::int64_t>(std::min<std::int64_t>(channels, 8),
                                std::llround(static_cast<double>(channels) * width));
}

Network open_network(const WeightSet& weights, const std::string& model, const std::string& method) {
  const auto about = [&](const char* key) {
    const auto found = weights.metadata.find(key);
    return found == weights.metadata.end() ? std::string() : found->second;
  };
  require(
      about("kind") == "decoder" && about("method") == method && !about("encoder").empty(),
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
  if (fs::is_directory(model)) return read_folder(model, precision);
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
