#include "transfer.h"

#include <torch/torch.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "methods/model_iteration/reconstruction/paint_levels.h"
#include "methods/style_mix.h"
#include "networks/encoder_network.h"
#include "networks/export_onnx.h"
#include "weights/safetensors.h"

namespace atelier::bench {
namespace {

using namespace reconstruction;

/// Four poolings and upsamplings give such sides back.
constexpr std::int64_t kMultiple = 16;

/// What a method does at strength 50.
struct Settings {
  std::string transform;
  double alpha;
};

Settings settings_of(const std::string& method) {
  if (method == "adain") return {"moments", 1};
  require(method == "wct", "the method \"" + method + "\" is not measured so; choose adain or wct");
  return {"eigen", 0.6};
}

/// The encoder as far as a tap, both as read_chain() and as read_network() take it; decoders take its features as they
/// flow on.
WeightSet encoder_to(ConvChain chain, const std::string& tap) {
  chain.layers.resize(chain.layer_of(tap) + 1);
  chain.readouts.clear();
  auto weights = write_chain(chain, false);
  weights.metadata["graph"] = to_json(encoder_network(chain).graph);
  return weights;
}

void write_both(const WeightSet& weights, const std::filesystem::path& stem) {
  write_safetensors(stem.string() + ".safetensors", weights);
  export_onnx(weights, stem.string() + ".onnx");
}

WeightSet part_of(const std::string& folder, const std::string& part, const std::string& tap) {
  return read_safetensors(folder + "/" + part + "-" + tap + ".safetensors");
}

}  // namespace

void write_transfer(const std::string& method, const std::string& folder) {
  const std::filesystem::path path(folder);
  const auto [transform, alpha] = settings_of(method);
  std::filesystem::create_directories(path);
  auto taps = nlohmann::json::array();
  for (const auto& level : open_levels(method, method, Precision::kFloat32)) {
    write_both(encoder_to(level.encoder->chain(), level.tap), path / ("encoder-" + level.tap));
    write_both(write_network(level.decoder, false), path / ("decoder-" + level.tap));
    taps.push_back(level.tap);
  }
  const nlohmann::json levels = {{"transform", transform},    {"alpha", alpha},
                                 {"margin", kMargin},         {"multiple", kMultiple},
                                 {"least", kLeastEigenvalue}, {"taps", taps}};
  std::ofstream(path / "levels.json") << levels;
}

TransferPainter::TransferPainter(const std::string& folder, Precision precision, const Tensor& painting) {
  std::ifstream file(folder + "/levels.json");
  const auto settings = nlohmann::json::parse(file);
  transform_ = parse_transform(settings.at("transform"));
  alpha_ = settings.at("alpha");
  for (const std::string tap : settings.at("taps")) {
    const auto encoder = std::make_shared<const Encoder>(read_chain(part_of(folder, "encoder", tap)),
                                                         EncoderOptions{.precision = precision});
    levels_.push_back({tap, encoder, read_network(part_of(folder, "decoder", tap))});
    targets_.push_back({feature_statistics(encoder->raw_features(painting, {tap})[0])});
  }
}

Tensor TransferPainter::paint(std::size_t level, const Tensor& padded) const {
  const auto& [tap, encoder, decoder] = levels_[level];
  std::vector<Tensor> transferred;
  for (const auto& features : encoder->raw_features(padded, {tap})[0].split(1))
    transferred.push_back(transfer_statistics(features, {targets_[level]}, transform_, alpha_));
  return run_network(decoder, {{"features", torch::cat(transferred)}}).clamp(0, 1);
}

Tensor TransferPainter::paint(const Tensor& photos) const {
  auto padded = pad_to_multiple(torch::reflection_pad2d(photos, {kMargin, kMargin, kMargin, kMargin}), kMultiple);
  for (std::size_t level = 0; level < levels_.size(); ++level) padded = paint(level, padded);
  return padded.narrow(2, kMargin, photos.size(2)).narrow(3, kMargin, photos.size(3));
}

}  // namespace atelier::bench
