#include "methods/model_iteration/adversarial/sketch_color/hint.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "tensor/resize.h"

namespace atelier::methods::sketch_color {
namespace {

constexpr double kSide = 128;
constexpr std::int64_t kShortest = 16;  // what the deepest tap needs
constexpr double kLeastVariance = 1e-6;

const std::vector<std::string>& taps() {
  static const std::vector<std::string> all = {"relu1_1", "relu2_1", "relu3_1", "relu4_1"};
  return all;
}

Tensor of_one_area(const Tensor& pictures) {
  const auto height = static_cast<double>(pictures.size(2)), width = static_cast<double>(pictures.size(3));
  const double scale = kSide / std::sqrt(height * width);
  const auto side = [&](double length) { return std::max<std::int64_t>(kShortest, std::llround(length * scale)); };
  return resize_picture(pictures, side(height), side(width));
}

const Tensor& statistic(const Network& painter, const std::string& name) {
  return painter.parameters.at("hint_norm." + name);
}

}  // namespace

std::int64_t code_size(const Encoder& encoder) {
  std::int64_t size = 0;
  for (const auto& tap : taps()) size += 2 * encoder.chain().channels(tap);
  return size;
}

Tensor style_code(const Encoder& encoder, const Tensor& pictures) {
  const torch::NoGradGuard no_grad;
  std::vector<Tensor> parts;
  for (const auto& features : encoder.raw_features(of_one_area(pictures), taps())) {
    const auto values = features.to(torch::kFloat).flatten(2);
    parts.push_back(values.mean(2));
    parts.push_back(values.std(2, false));
  }
  return torch::cat(parts, 1);
}

Tensor hint_map(const Tensor& codes, std::int64_t height, std::int64_t width) {
  return codes.unsqueeze(2).unsqueeze(3).expand({codes.size(0), codes.size(1), height, width});
}

void store_statistics(Network& painter, const Tensor& codes) {
  painter.parameters.at("hint_norm.mean") = codes.mean(0);
  painter.parameters.at("hint_norm.variance") = codes.var(0, true).clamp_min(kLeastVariance);
}

Tensor exaggerated(const Network& painter, const Tensor& codes, double times) {
  return torch::lerp(statistic(painter, "mean"), codes, times);
}

Tensor squashed(const Network& painter, const Tensor& codes) {
  return torch::sigmoid((codes - statistic(painter, "mean")) / statistic(painter, "variance").sqrt());
}

}  // namespace atelier::methods::sketch_color
