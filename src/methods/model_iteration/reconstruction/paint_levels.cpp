#include "methods/model_iteration/reconstruction/paint_levels.h"

#include <torch/torch.h>

#include "atelier/error.h"
#include "methods/style_mix.h"
#include "tensor/resize.h"

namespace atelier::reconstruction {
namespace {

/// Sides are made multiples of it, so that four poolings and upsamplings give the size back.
constexpr std::int64_t kMultiple = 16;

/// Strength from which the photo itself has no share in the picture.
constexpr double kNoPhoto = 20;

/// Padded maps by which each style acts, at the photo's padded size.
struct Regions {
  StyleShares shares;
  std::vector<Tensor> masks;  ///< undefined: everywhere
};

Regions padded_regions(const Inputs& inputs) {
  const auto height = inputs.content.size(2), width = inputs.content.size(3);
  Regions regions{style_shares(inputs.styles, height, width), {}};
  for (const auto& style : inputs.styles) {
    const auto mask = style.mask.defined() ? resize(style.mask, height, width, Filter::kBilinear) : Tensor();
    regions.masks.push_back(mask.defined() ? pad_to_multiple(mask.clamp(0, 1), kMultiple) : mask);
  }
  for (auto& map : regions.shares.maps) map = pad_to_multiple(map, kMultiple);
  return regions;
}

class Painter {
 public:
  Painter(const Inputs& inputs, const LevelSettings& settings)
      : inputs_(inputs), settings_(settings), regions_(padded_regions(inputs)) {}

  /// @param picture  padded.
  Tensor paint(const Level& level, const Tensor& picture, double alpha) const {
    auto taps = level.decoder.graph.inputs();
    for (auto& tap : taps)
      if (tap == "features") tap = level.tap;
    const auto features = level.encoder->raw_features(picture, taps);
    std::map<std::string, Tensor> given;
    for (std::size_t i = 0; i < taps.size(); ++i)
      given[taps[i] == level.tap ? "features" : taps[i]] =
          taps[i] == level.tap ? transfer_statistics(features[i], targets(level, features[i]), settings_.transform,
                                                     alpha, settings_.least)
                               : features[i];
    return run_network(level.decoder, given).clamp(0, 1);
  }

 private:
  std::vector<StyleTarget> targets(const Level& level, const Tensor& features) const {
    const auto fitted = [&](const Tensor& map) {
      return map.defined() ? resize(map, features.size(2), features.size(3), Filter::kBilinear).clamp(0, 1) : map;
    };
    std::vector<StyleTarget> targets;
    for (std::size_t i = 0; i < inputs_.styles.size(); ++i) {
      const auto style = level.encoder->raw_features(inputs_.styles[i].picture, {level.tap})[0];
      targets.push_back({feature_statistics(style), fitted(regions_.shares.maps[i]), fitted(regions_.masks[i])});
    }
    return targets;
  }

  const Inputs& inputs_;
  const LevelSettings& settings_;
  Regions regions_;
};

}  // namespace

Tensor paint_levels(const Inputs& inputs, const std::vector<Level>& levels, const LevelSettings& settings,
                    const OnProgress& on_progress) {
  const torch::NoGradGuard no_grad;
  const auto height = inputs.content.size(2), width = inputs.content.size(3);
  const Painter painter(inputs, settings);
  const double mixed = std::clamp(1 - inputs.strength / kNoPhoto, 0.0, 1.0);
  const auto photo = style_shares(inputs.styles, height, width).photo * (1 - mixed) + mixed;
  const auto shown = [&](const Tensor& picture) { return picture.lerp(inputs.content, photo).clamp(0, 1); };

  std::vector<double> passes{std::min(settings.alpha, 1.0)};
  if (settings.alpha > 1) passes.push_back(settings.alpha - 1);
  const auto finishing = settings.finish && !levels.empty() ? 1 : 0;
  RunCounter counter("levels", static_cast<int>(passes.size() * levels.size()) + finishing, on_progress,
                     inputs.keep_best_on_stop);
  auto padded = pad_to_multiple(inputs.content, kMultiple);
  const auto picture = [&] { return crop_to(padded, height, width); };
  for (const double alpha : passes)
    for (const auto& level : levels) {
      if (!counter.next(shown(picture()))) return shown(picture());
      padded = painter.paint(level, padded, alpha);
    }
  if (!counter.next(shown(picture())) || finishing == 0) return shown(picture());
  const auto finished = shown(settings.finish(picture()));
  counter.next(finished);
  return finished;
}

}  // namespace atelier::reconstruction
