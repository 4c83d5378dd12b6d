#include "encoders/encoder.h"

#include <torch/torch.h>

#include "atelier/error.h"
#include "tensor/onednn.h"
#include "weights/model_store.h"

namespace atelier {
namespace {

bool only_relu(const std::vector<std::string>& taps) {
  return std::all_of(taps.begin(), taps.end(), [](const auto& tap) { return tap.starts_with("relu"); });
}

}  // namespace

Precision parse_precision(const std::string& name) {
  if (name == "auto") return Precision::kAuto;
  if (name == "fp32") return Precision::kFloat32;
  if (name == "bf16") return Precision::kBFloat16;
  throw Error("this method has no precision \"" + name + "\"; choose auto, fp32 or bf16");
}

bool has_fast_bf16() { return onednn_has_fast_bf16(); }

bool wants_bf16(Precision precision) {
  return precision == Precision::kBFloat16 || (precision == Precision::kAuto && has_fast_bf16());
}

Encoder::Encoder(ConvChain chain, const EncoderOptions& options)
    : chain_(std::move(chain)), options_(options), bf16_(wants_bf16(options.precision)) {
  if (options.padding) chain_.padding = *options.padding;
  move_chain(chain_, options.device);
  if (chain_.padding == Padding::kZero && options.device.is_cpu())
    fast_ = std::make_shared<FastChain>(chain_, options.pooling, bf16_);
}

std::vector<Tensor> Encoder::features(const Tensor& image, const std::vector<std::string>& taps) const {
  auto found = raw_features(image, taps);
  for (std::size_t t = 0; t < taps.size(); ++t) found[t] = read_out(chain_, taps[t], found[t]);
  return found;
}

std::vector<Tensor> Encoder::raw_features(const Tensor& picture, const std::vector<std::string>& taps) const {
  const auto image = picture.to(options_.device);
  const bool plain = image.scalar_type() == torch::kFloat && image.dim() == 4 && image.size(0) > 0;
  if (fast_ && plain && only_relu(taps)) return fast_->raw_features(image, taps);
  const bool exact = image.scalar_type() == torch::kDouble;
  auto found = raw_chain_features(chain_, image, taps, options_.pooling,
                                  exact   ? torch::kDouble
                                  : bf16_ ? torch::kBFloat16
                                          : torch::kFloat);
  for (auto& feature : found) feature = feature.to(exact ? torch::kDouble : torch::kFloat);
  return found;
}

Tensor Encoder::readout(const std::string& tap) const {
  const auto found = chain_.readouts.find(tap);
  return found == chain_.readouts.end() ? Tensor() : found->second.flatten(1);
}

std::shared_ptr<const Encoder> open_encoder(const std::string& name_or_path, const EncoderOptions& options) {
  return std::make_shared<const Encoder>(read_chain(open_model(name_or_path)), options);
}

}  // namespace atelier
