#include "methods/style_mix.h"

#include <torch/torch.h>

#include <algorithm>
#include <utility>

#include "atelier/error.h"
#include "tensor/image_tensor.h"
#include "tensor/resize.h"

namespace atelier {
namespace {

/// Strength from which the photo itself has no share in a picture made of features.
constexpr double kNoPhoto = 20;

void check_styles(const std::vector<Style>& styles) {
  require(!styles.empty(), "no style was given; add --style STYLE");
  for (const auto& style : styles) require(style.weight > 0, "a style's weight is not above 0; give a larger one");
}

bool any_mask(const std::vector<Style>& styles) {
  return std::any_of(styles.begin(), styles.end(), [](const auto& style) { return style.mask.defined(); });
}

Tensor mask_of(const Style& style, std::int64_t height, std::int64_t width) {
  if (!style.mask.defined()) return torch::ones({1, 1, height, width});
  return resize(style.mask, height, width, Filter::kBilinear).clamp(0, 1);
}

StyleShares uniform_shares(const std::vector<Style>& styles, std::int64_t height, std::int64_t width) {
  StyleShares shares;
  shares.uniform = true;
  shares.photo = torch::zeros({1, 1, 1, 1}).expand({1, 1, height, width});
  double total = 0;
  for (const auto& style : styles) total += style.weight;
  for (const auto& style : styles)
    shares.maps.push_back(torch::full({1, 1, 1, 1}, style.weight / total).expand({1, 1, height, width}));
  return shares;
}

/// Reflection needs more pixels than it adds.
Tensor pad_right_and_below(const Tensor& picture, std::int64_t below, std::int64_t right) {
  const std::vector<std::int64_t> padding = {0, right, 0, below};
  const bool reflects = below < picture.size(2) && right < picture.size(3);
  return reflects ? torch::reflection_pad2d(picture, padding) : torch::replication_pad2d(picture, padding);
}

/// One pass over all styles; the maps tell who paints where. Ends early, with what there is, when asked to.
class MixedPainter {
 public:
  using StyliseOne = std::function<Tensor(const Tensor&, const Style&)>;

  MixedPainter(const Inputs& inputs, RunCounter& counter, const StyliseOne& stylise)
      : inputs_(inputs),
        counter_(counter),
        stylise_(stylise),
        shares_(style_shares(inputs.styles, inputs.content.size(2), inputs.content.size(3))) {}

  Tensor operator()(const Tensor& picture) {
    std::vector<Tensor> painted(inputs_.styles.size(), picture);
    for (std::size_t i = 0; i < painted.size(); ++i) {
      stopped_ = stopped_ || !counter_.next(i == 0 ? picture : mix_pictures(inputs_.content, painted, shares_));
      if (!stopped_) painted[i] = stylise_(picture, inputs_.styles[i]);
    }
    return mix_pictures(inputs_.content, painted, shares_);
  }

  bool stopped() const { return stopped_; }

 private:
  const Inputs& inputs_;
  RunCounter& counter_;
  const StyliseOne& stylise_;
  StyleShares shares_;
  bool stopped_ = false;
};

}  // namespace

StyleShares style_shares(const std::vector<Style>& styles, std::int64_t height, std::int64_t width) {
  check_styles(styles);
  if (!any_mask(styles)) return uniform_shares(styles, height, width);
  StyleShares shares;
  auto covered = torch::zeros({1, 1, height, width}), weighted = torch::zeros({1, 1, height, width});
  for (const auto& style : styles) {
    const auto mask = mask_of(style, height, width);
    covered += mask;
    shares.maps.push_back(mask * style.weight);
    weighted += shares.maps.back();
  }
  const auto scale = covered.clamp_max(1) / torch::where(weighted > 0, weighted, torch::ones_like(weighted));
  for (auto& map : shares.maps) map = map * scale;
  shares.photo = 1 - covered.clamp_max(1);
  return shares;
}

Tensor kept_photo(const Inputs& inputs) {
  const double mixed = std::clamp(1 - inputs.strength / kNoPhoto, 0.0, 1.0);
  return style_shares(inputs.styles, inputs.content.size(2), inputs.content.size(3)).photo * (1 - mixed) + mixed;
}

Tensor mix_pictures(const Tensor& photo, const std::vector<Tensor>& pictures, const StyleShares& shares) {
  require(pictures.size() == shares.maps.size(), "mix_pictures: pictures and shares differ in number; give one each");
  for (const auto& picture : pictures)
    require(picture.sizes() == photo.sizes(), "mix_pictures: a picture is not of the photo's size; resize it");
  if (shares.uniform && pictures.size() == 1) return pictures.front();
  auto sum = photo * shares.photo;
  for (std::size_t i = 0; i < pictures.size(); ++i) sum = torch::addcmul(sum, pictures[i], shares.maps[i]);
  return sum;
}

Tensor with_strength(const Tensor& photo, double strength, const Stylise& stylise) {
  if (strength <= 0) return photo.clamp(0, 1);
  const auto once = stylise(photo).clamp(0, 1);
  if (strength < 50) return photo.lerp(once, strength / 50).clamp(0, 1);
  if (strength == 50) return once;
  return once.lerp(stylise(once).clamp(0, 1), (strength - 50) / 50).clamp(0, 1);
}

Tensor pad_to_multiple(const Tensor& picture, std::int64_t multiple) {
  const auto missing = [&](std::int64_t side) { return (multiple - side % multiple) % multiple; };
  const auto below = missing(picture.size(2)), right = missing(picture.size(3));
  return below == 0 && right == 0 ? picture : pad_right_and_below(picture, below, right);
}

Tensor crop_to(const Tensor& picture, std::int64_t height, std::int64_t width) {
  require(picture.size(2) >= height && picture.size(3) >= width, "crop_to: the picture is too small; pad it first");
  return picture.narrow(2, 0, height).narrow(3, 0, width);
}

RunCounter::RunCounter(std::string stage, int runs, const OnProgress& on_progress, bool keep_best_on_stop)
    : stage_(std::move(stage)), runs_(runs), on_progress_(on_progress), keep_best_on_stop_(keep_best_on_stop) {}

bool RunCounter::next(const Tensor& so_far) {
  Progress progress;
  progress.stage = stage_;
  progress.step = finished_++;
  progress.steps = runs_;
  progress.preview = [so_far] { return to_image(so_far); };
  if (!on_progress_ || on_progress_(progress)) return true;
  if (keep_best_on_stop_) return false;
  throw Error("stopped before the picture was finished; nothing was kept", ErrorKind::kStopped);
}

Tensor paint_feed_forward(const Inputs& inputs, const OnProgress& on_progress, const std::string& stage,
                          const std::function<Tensor(const Tensor& picture, const Style& style)>& stylise) {
  const torch::NoGradGuard no_grad;
  check_styles(inputs.styles);
  const int passes = inputs.strength <= 0 ? 0 : inputs.strength > 50 ? 2 : 1;
  RunCounter counter(stage, passes * static_cast<int>(inputs.styles.size()), on_progress, inputs.keep_best_on_stop);
  MixedPainter painter(inputs, counter, stylise);
  const auto result = with_strength(inputs.content, inputs.strength, [&](const Tensor& picture) {
    return painter.stopped() ? picture : painter(picture);
  });
  if (!painter.stopped()) counter.next(result);
  return result;
}

}  // namespace atelier
