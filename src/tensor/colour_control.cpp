#include "tensor/colour_control.h"

#include <algorithm>
#include <string>

#include "atelier/error.h"
#include "core/nearest_name.h"
#include "tensor/colour_spaces.h"
#include "tensor/colour_transfer.h"

namespace atelier::colour {
namespace {

// Enough for the joint distribution to settle: the tests ask for a tenth of the error left without any.
constexpr int kRotations = 10;

Tensor match(Mode mode, const Tensor& picture, const Tensor& reference) {
  switch (mode) {
    case Mode::kHistogram: return match_histogram(picture, reference, kRotations);
    case Mode::kCholesky: return match_linear(picture, reference, LinearMap::kCholesky);
    case Mode::kPca: return match_linear(picture, reference, LinearMap::kPca);
    default: return match_linear(picture, reference, LinearMap::kMk);
  }
}

}  // namespace

const std::vector<std::string_view>& mode_names() {
  static const std::vector<std::string_view> names{"style", "content", "luma", "histogram", "cholesky", "pca", "mk"};
  return names;
}

Mode parse_mode(std::string_view name) {
  const auto& names = mode_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw Error("unknown colour mode \"" + std::string(name) + "\"; " +
                did_you_mean(name, {names.begin(), names.end()}, "atelier stylize --help"));
  return static_cast<Mode>(found - names.begin());
}

Tensor prepare_content(Mode mode, const Tensor& content) {
  return mode == Mode::kLuma ? luma(content).repeat({1, 3, 1, 1}) : content;
}

Tensor prepare_style(Mode mode, const Tensor& style, const Tensor& content) {
  if (mode == Mode::kStyle) return style;
  return mode == Mode::kLuma ? match_luma(style, content) : match(mode, style, content);
}

Tensor finish(Mode mode, const Tensor& result, const Tensor& content, bool style_prepared) {
  if (mode == Mode::kLuma) return keep_luma(result, content);
  return mode == Mode::kStyle || style_prepared ? result.clamp(0, 1) : match(mode, result, content);
}

}  // namespace atelier::colour
