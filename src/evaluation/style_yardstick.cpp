#include "evaluation/style_yardstick.h"

#include <torch/torch.h>

#include "atelier/error.h"
#include "losses/gram.h"
#include "tensor/resize.h"

namespace atelier {
namespace {

constexpr const char* kContentTap = "relu4_2";

std::vector<Tensor> features_at(const Encoder& encoder, const Tensor& picture, std::int64_t size) {
  auto taps = yardstick_style_taps();
  taps.emplace_back(kContentTap);
  return encoder.features(fit_longer_side(picture, size), taps);
}

double relative_distance(const Tensor& a, const Tensor& b) { return ((a - b).norm() / b.norm()).item<double>(); }

}  // namespace

const std::vector<std::string>& yardstick_style_taps() {
  static const std::vector<std::string> taps = {"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"};
  return taps;
}

StyleYardstick measure_style(const Encoder& encoder, const Tensor& result, const Tensor& photo, const Tensor& style,
                             std::int64_t size) {
  const torch::NoGradGuard no_grad;
  const auto of_result = features_at(encoder, result, size), of_photo = features_at(encoder, photo, size);
  require(of_result.back().sizes() == of_photo.back().sizes(),
          "the result and the photo differ in shape; compare a result with its own photo");
  StyleYardstick measured;
  measured.content = relative_distance(of_result.back(), of_photo.back());
  if (!style.defined()) return measured;
  const auto of_style = features_at(encoder, style, size);
  double reached = 0, before = 0;
  for (std::size_t t = 0; t < yardstick_style_taps().size(); ++t) {
    const auto wanted = losses::gram(of_style[t]);
    const double now = relative_distance(losses::gram(of_result[t]), wanted),
                 first = relative_distance(losses::gram(of_photo[t]), wanted);
    reached += now;
    before += first;
    measured.style_ratio_per_tap.push_back(now / first);
  }
  measured.style_ratio = reached / before;
  measured.gram = reached / static_cast<double>(yardstick_style_taps().size());
  return measured;
}

}  // namespace atelier
