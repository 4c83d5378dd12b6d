#include "networks/kept_grams.h"

#include <torch/torch.h>

#include <cmath>

#include "atelier/error.h"
#include "tensor/weight_tensor.h"

namespace atelier {
namespace {

constexpr const char *kEncoder = "gram_encoder", *kSha256 = "gram_encoder_sha256";

std::string tensor_name(const std::string& tap) { return "painting_gram." + tap; }
std::string unit_name(const std::string& tap) { return tensor_name(tap) + ".unit"; }

/// Rows and columns of the upper triangle, row by row.
Tensor triangle(std::int64_t channels) { return torch::triu_indices(channels, channels); }

void require_whole(bool whole, const std::string& tap) {
  require(whole, "the model's \"" + tensor_name(tap) + "\" is damaged; train or fetch the model again");
}

/// Before anything is read: what a file says of its sizes is not to be trusted.
void check_shapes(const WeightSet& model, std::int64_t style, const TapWidth& wanted) {
  const auto &values = model.at(tensor_name(wanted.tap)).shape, &units = model.at(unit_name(wanted.tap)).shape;
  const auto triangle_size = wanted.channels * (wanted.channels + 1) / 2;
  require_whole(values.size() == 2 && values[1] == triangle_size && style < values[0] && units.size() == 1 &&
                    units[0] == values[0],
                wanted.tap);
}

}  // namespace

void keep_grams(WeightSet& model, const GramSource& source, const std::map<std::string, Tensor>& grams) {
  const torch::NoGradGuard no_grad;
  std::vector<std::pair<std::string, Tensor>> kept;
  for (const auto& [tap, matrices] : grams) {
    const auto plain = matrices.detach().to(torch::kCPU, torch::kFloat);
    const auto unit = plain.abs().amax({1, 2}).clamp_min(1e-30);
    const auto places = triangle(plain.size(1));
    const auto upper = plain.index({torch::indexing::Slice(), places[0], places[1]}) / unit.unsqueeze(1);
    kept.emplace_back(tensor_name(tap), upper.to(torch::kHalf));
    kept.emplace_back(unit_name(tap), unit);
  }
  const auto added = to_weight_set(kept);
  model.tensors.insert(added.tensors.begin(), added.tensors.end());
  keep_alive(model, added.storage);
  model.metadata[kEncoder] = source.encoder;
  model.metadata[kSha256] = source.sha256;
}

std::optional<GramSource> gram_source(const WeightSet& model) {
  const auto encoder = model.metadata.find(kEncoder), sha256 = model.metadata.find(kSha256);
  if (encoder == model.metadata.end() || sha256 == model.metadata.end()) return std::nullopt;
  return GramSource{encoder->second, sha256->second};
}

std::vector<Tensor> kept_grams(const WeightSet& model, std::int64_t style, const std::vector<TapWidth>& taps) {
  const torch::NoGradGuard no_grad;
  std::vector<Tensor> matrices;
  for (const auto& wanted : taps) {
    check_shapes(model, style, wanted);
    const auto values =
        to_float_tensor(model, tensor_name(wanted.tap))[style] * to_float_tensor(model, unit_name(wanted.tap))[style];
    const auto places = triangle(wanted.channels);
    auto matrix = torch::zeros({wanted.channels, wanted.channels});
    matrix.index_put_({places[0], places[1]}, values);
    matrix.index_put_({places[1], places[0]}, values);
    require_whole(std::isfinite(matrix.square().sum().item<float>()), wanted.tap);
    matrices.push_back(matrix.unsqueeze(0));
  }
  return matrices;
}

}  // namespace atelier
