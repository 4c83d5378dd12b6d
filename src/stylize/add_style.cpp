#include "stylize/add_style.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "atelier/error.h"
#include "core/nearest_name.h"
#include "core/output_file.h"
#include "media/encode_image.h"
#include "media/image_file.h"
#include "methods/method.h"
#include "stylize/preview_file.h"
#include "stylize/style_source.h"
#include "tensor/image_tensor.h"
#include "tensor/resize.h"
#include "tensor/runtime.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

constexpr int kThumbnailSide = 160;

std::string thumbnail_of(const Tensor& painting) {
  WriteOptions options;
  options.quality = 85;
  return encode_image("thumbnail.jpg", to_image(fit_longer_side(painting, kThumbnailSide)), options);
}

Tensor read_painting(const NewStyle& style) {
  if (!fs::exists(style.painting))
    throw Error("there is no painting \"" + style.painting + "\"; " +
                did_you_mean(style.painting, names_beside(style.painting), "ls"));
  ReadOptions options;
  options.max_side = style.size;
  const auto painting = fit_longer_side(to_tensor(read_image(style.painting, options)), style.size);
  constexpr std::int64_t kShortestSide = 64;  // less holds no strokes to learn
  require(std::min(painting.size(2), painting.size(3)) >= kShortestSide,
          "the painting \"" + style.painting + "\" would be " + std::to_string(painting.size(3)) + "x" +
              std::to_string(painting.size(2)) + " pixels; give a larger --size or cut out a part of it");
  return painting;
}

FitRequest fit_request(const NewStyle& style) {
  const double budget = style.time_budget.value_or(0);
  require(!style.time_budget || (budget >= kLeastTimeBudget && std::isfinite(budget)),
          "a style is not learnt in that time; give a --time-budget of a second or more");
  FitRequest request;
  request.painting = read_painting(style);
  request.photos.assign(style.photos.begin(), style.photos.end());
  request.thorough = style.thorough;
  request.time_budget = budget;
  request.seed = style.seed;
  request.precision = style.precision;
  return request;
}

/// "auto" is the first of the catalogue that can learn.
const MethodInfo& fitting_method(const std::string& name) {
  if (name != "auto") {
    const auto& method = find_method(name);
    require(method.fit_style != nullptr,
            "the method " + name + " cannot learn a new style in this way; leave out --method");
    return method;
  }
  for (const auto& method : all_methods())
    if (method.fit_style != nullptr) return method;
  throw Error("no method of this version learns new styles; use `atelier train`");
}

}  // namespace

StyleCard add_style(const NewStyle& style, const OnProgress& on_progress) {
  check_style_can_be_saved(style.card.name);
  if (!style.preview.empty()) {
    check_output(style.preview);
    check_writable("preview", style.preview, {style.painting});
  }
  configure_runtime(style.threads);
  const auto request = fit_request(style);
  const auto& method = fitting_method(style.method);
  PreviewFile preview(style.preview);
  const auto model = method.fit_style(request, [&](Progress progress) {
    preview.update(progress);
    return !on_progress || on_progress(progress);
  });
  auto card = style.card;
  card.method = method.name;
  return save_style(model, card, thumbnail_of(request.painting));
}

}  // namespace atelier
