#include "methods/model_iteration/reconstruction/paint_levels.h"

#include <torch/torch.h>

#include "atelier/error.h"
#include "methods/applied_network.h"
#include "methods/style_mix.h"
#include "networks/peak_memory.h"
#include "tensor/resize.h"

namespace atelier::reconstruction {
namespace {

/// Sides are made multiples of it, so that four poolings and upsamplings give the size back.
constexpr std::int64_t kMultiple = 16;

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

  /// Sides of what pad() gives.
  std::int64_t padded_height() const { return to_multiple(height_ + 2 * top_); }
  std::int64_t padded_width() const { return to_multiple(width_ + 2 * left_); }

 private:
  static std::int64_t to_multiple(std::int64_t side) { return (side + kMultiple - 1) / kMultiple * kMultiple; }

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
    std::map<std::string, Tensor> features, transferred;
    for (std::size_t i = 0; i < taps.size(); ++i) {
      features[taps[i]] = made[i];
      if (is_transferred(names[i])) transferred[taps[i]] = made[i];
    }
    return run_network(level.decoder, decoder_inputs(names, level.tap, features, targets(level, transferred),
                                                     settings_.transform, alpha, settings_.least))
        .clamp(0, 1);
  }

 private:
  /// What the styles want of each of the photo's `features`, by tap.
  std::map<std::string, std::vector<StyleTarget>> targets(const Level& level,
                                                          const std::map<std::string, Tensor>& features) const {
    std::vector<std::string> taps;
    for (const auto& [tap, of_photo] : features) taps.push_back(tap);
    std::map<std::string, std::vector<StyleTarget>> targets;
    for (std::size_t i = 0; i < inputs_.styles.size(); ++i) {
      const auto styles = level.encoder->raw_features(inputs_.styles[i].picture, taps);
      for (std::size_t k = 0; k < taps.size(); ++k) {
        const auto& size = features.at(taps[k]);
        targets[taps[k]].push_back(
            {feature_statistics(styles[k]), fitted(regions_.shares.maps[i], size), fitted(regions_.masks[i], size)});
      }
    }
    return targets;
  }

  /// A map at the features' size.
  static Tensor fitted(const Tensor& map, const Tensor& features) {
    return map.defined() ? resize(map, features.size(2), features.size(3), Filter::kBilinear).clamp(0, 1) : map;
  }

  const Inputs& inputs_;
  const LevelSettings& settings_;
  Regions regions_;
};

/// How many numbers live at once per pixel of a picture, while a chain is followed up to a tap: a layer's values and
/// those that they are made from.
double widest_place(const ConvChain& chain, const std::string& tap) {
  double most = 0, before = 3;
  for (std::size_t i = 0; i <= chain.layer_of(tap); ++i) {
    const auto& layer = chain.layers[i];
    const auto stride = static_cast<double>(chain.stride("relu" + layer.name.substr(4)));
    const double made = static_cast<double>(layer.weight.size(0)) / (stride * stride);
    most = std::max(most, before + made);
    before = made;
  }
  return most;
}

/// The most numbers that live at once in one level's painting.
double values_in(const Level& level, const Frame& frame, double style_pixels) {
  // Beside the features: change, product, difference and sum; of the decoder, its inputs, joined to others and padded.
  constexpr double kTransferCopies = 4, kDecoderCopies = 4;
  const auto& chain = level.encoder->chain();
  double features = 0, largest = 0;
  for (const auto& name : level.decoder.graph.inputs()) {
    const auto tap = tap_of_input(name, level.tap);
    const double size = static_cast<double>(chain.channels(tap)) / std::pow(static_cast<double>(chain.stride(tap)), 2);
    features += size;
    largest = std::max(largest, size);
  }
  const auto stride = chain.stride(level.tap);
  const auto height = frame.padded_height(), width = frame.padded_width();
  const double pixels = static_cast<double>(height * width), widest = widest_place(chain, level.tap);
  const double decoding =
      static_cast<double>(peak_memory(level.decoder, height / stride, width / stride)) / sizeof(float);
  return std::max({(widest + features) * pixels, (widest + features) * style_pixels + features * pixels,
                   (features + kTransferCopies * largest) * pixels, decoding + kDecoderCopies * features * pixels});
}

class LevelPainter final : public Method {
 public:
  explicit LevelPainter(const LevelPainting& painting)
      : painting_(painting), levels_([painting](const std::string& precision) {
          return open_levels(painting.model, painting.method, parse_precision(precision));
        }) {}

  Tensor run(const Inputs& inputs, const OnProgress& on_progress) override {
    require(!inputs.styles.empty(), painting_.method + " needs a style picture; add --style PAINTING");
    const LevelSettings settings{.transform = painting_.transform, .alpha = inputs.strength / 50, .margin = kMargin};
    return paint_and_refine(inputs, levels_of(inputs), settings, painting_.refinement, on_progress);
  }

  std::size_t memory_forecast(const Inputs& inputs) const override {
    return refined_levels_memory(inputs, levels_of(inputs), painting_.refinement);
  }

 private:
  std::vector<Level> levels_of(const Inputs& inputs) const {
    return inputs.strength > 0 ? levels_(inputs.precision) : std::vector<Level>();
  }

  LevelPainting painting_;
  mutable OpenModels<std::vector<Level>> levels_;  ///< by precision
};

}  // namespace

std::unique_ptr<Method> make_level_painter(const LevelPainting& painting) {
  return std::make_unique<LevelPainter>(painting);
}

std::size_t levels_memory(const Inputs& inputs, const std::vector<Level>& levels, std::int64_t margin) {
  if (inputs.strength <= 0) return 0;
  double style_pixels = 0, most = 0;
  for (const auto& style : inputs.styles)
    style_pixels = std::max(style_pixels, static_cast<double>(style.picture.size(2) * style.picture.size(3)));
  const Frame frame(inputs.content, margin);
  for (const auto& level : levels) most = std::max(most, values_in(level, frame, style_pixels));
  constexpr double kKept = 1.25;  // measured: what allocators keep beside it
  return static_cast<std::size_t>(kKept * most) * sizeof(float);
}

Tensor paint_levels(const Inputs& inputs, const std::vector<Level>& levels, const LevelSettings& settings,
                    const OnProgress& on_progress) {
  const torch::NoGradGuard no_grad;
  const Frame frame(inputs.content, settings.margin);
  const Painter painter(inputs, settings, frame);
  const auto photo = kept_photo(inputs);
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

Tensor paint_and_refine(const Inputs& inputs, const std::vector<Level>& levels, const LevelSettings& settings,
                        const Refinement& refinement, const OnProgress& on_progress) {
  const auto paint = [&](const Inputs& given, const OnProgress& progress) {
    return paint_levels(given, levels, settings, progress);
  };
  if (levels.empty()) return paint(inputs, on_progress);
  return paint_refined(inputs, refinement, levels.front().encoder, paint, on_progress);
}

std::size_t refined_levels_memory(const Inputs& inputs, const std::vector<Level>& levels,
                                  const Refinement& refinement) {
  if (levels.empty()) return 0;
  return refined_memory(inputs, refinement, *levels.front().encoder,
                        [&](const Inputs& given) { return levels_memory(given, levels); });
}

}  // namespace atelier::reconstruction
