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

/// The picture within its margin.
class Frame {
 public:
  Frame(const Tensor& picture, std::int64_t margin) : height_(picture.size(2)), width_(picture.size(3)) {
    top_ = std::min(margin, (height_ - 1) / kMultiple * kMultiple);
    left_ = std::min(margin, (width_ - 1) / kMultiple * kMultiple);
  }

  Tensor pad(const Tensor& picture) const {
    const auto framed = top_ + left_ == 0 ? picture : torch::reflection_pad2d(picture, {left_, left_, top_, top_});
    return pad_to_multiple(framed, kMultiple);
  }

  Tensor cut(const Tensor& padded) const { return padded.narrow(2, top_, height_).narrow(3, left_, width_); }

 private:
  std::int64_t height_, width_, top_ = 0, left_ = 0;
};

/// Padded maps by which each style acts, at the photo's padded size.
struct Regions {
  StyleShares shares;
  std::vector<Tensor> masks;  ///< undefined: everywhere
};

Regions padded_regions(const Inputs& inputs, const Frame& frame) {
  const auto height = inputs.content.size(2), width = inputs.content.size(3);
  Regions regions{style_shares(inputs.styles, height, width), {}};
  for (const auto& style : inputs.styles) {
    const auto mask = style.mask.defined() ? resize(style.mask, height, width, Filter::kBilinear) : Tensor();
    regions.masks.push_back(mask.defined() ? frame.pad(mask.clamp(0, 1)) : mask);
  }
  for (auto& map : regions.shares.maps) map = frame.pad(map);
  return regions;
}

class Painter {
 public:
  Painter(const Inputs& inputs, const LevelSettings& settings, const Frame& frame)
      : inputs_(inputs), settings_(settings), regions_(padded_regions(inputs, frame)) {}

  /// @param picture  padded.
  Tensor paint(const Level& level, const Tensor& picture, double alpha) const {
    const auto names = level.decoder.graph.inputs();
    std::vector<std::string> taps;
    for (const auto& name : names) taps.push_back(tap_of_input(name, level.tap));
    const auto made = level.encoder->raw_features(picture, taps);
    std::map<std::string, Tensor> features;
    std::map<std::string, std::vector<StyleTarget>> styles;
    for (std::size_t i = 0; i < taps.size(); ++i) {
      features[taps[i]] = made[i];
      if (is_transferred(names[i])) styles[taps[i]] = targets(level, taps[i], made[i]);
    }
    return run_network(level.decoder, decoder_inputs(names, level.tap, features, styles, settings_.transform, alpha,
                                                     settings_.least))
        .clamp(0, 1);
  }

 private:
  std::vector<StyleTarget> targets(const Level& level, const std::string& tap, const Tensor& features) const {
    const auto fitted = [&](const Tensor& map) {
      return map.defined() ? resize(map, features.size(2), features.size(3), Filter::kBilinear).clamp(0, 1) : map;
    };
    std::vector<StyleTarget> targets;
    for (std::size_t i = 0; i < inputs_.styles.size(); ++i) {
      const auto style = level.encoder->raw_features(inputs_.styles[i].picture, {tap})[0];
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
  const Frame frame(inputs.content, settings.margin);
  const Painter painter(inputs, settings, frame);
  const double mixed = std::clamp(1 - inputs.strength / kNoPhoto, 0.0, 1.0);
  const auto photo = style_shares(inputs.styles, height, width).photo * (1 - mixed) + mixed;
  const auto shown = [&](const Tensor& picture) { return picture.lerp(inputs.content, photo).clamp(0, 1); };

  std::vector<double> passes{std::min(settings.alpha, 1.0)};
  if (settings.alpha > 1) passes.push_back(settings.alpha - 1);
  const auto finishing = settings.finish && !levels.empty() ? 1 : 0;
  RunCounter counter("levels", static_cast<int>(passes.size() * levels.size()) + finishing, on_progress,
                     inputs.keep_best_on_stop);
  auto padded = frame.pad(inputs.content);
  const auto picture = [&] { return frame.cut(padded); };
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
