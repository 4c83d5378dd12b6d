#pragma once
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "encoders/encoder.h"
#include "methods/method.h"
#include "optimise/picture_loop.h"

/// The loss that Gatys et al. (CVPR 2016) optimise a picture by, for the methods that optimise or refine one.
namespace atelier {

/// The layers that carry the style in the paper, as parse_layers() reads them.
inline constexpr const char* kStyleLayers = "relu1_1,relu2_1,relu3_1,relu4_1,relu5_1";

/// A layer and its share of a loss.
struct WeightedLayer {
  std::string tap;
  double weight = 1;
};

/// Reads "relu1_1,relu2_1:0.5": names with optional weights.
/// @throws Error for an empty list or a weight that is not a positive number.
std::vector<WeightedLayer> parse_layers(const std::string& text);

/// The names alone.
std::vector<std::string> taps_of(const std::vector<WeightedLayer>& layers);

/// Weights of the loss L = content_weight · L_content + style_weight · L_style + tv_weight · TV.
struct ObjectiveSettings {
  std::vector<WeightedLayer> content_layers, style_layers;
  double content_weight = 0.05, style_weight = 1, tv_weight = 0;
  /// How many times `tv_weight` the total variation weighs more where the photo is plain, growing with the square of
  /// losses::flatness(): what fills a clear sky with texture of a pixel or two fits the Gram matrices, and is grain.
  double flat_tv = 0;
  double style_scale = 1;  ///< size of the style's strokes relative to the style picture as it came
  /// Losses exactly as in the paper's eq. 1 and 4 (sums over features), instead of relative to the
  /// target's norm, which makes one weight serve every size, layer and style.
  bool paper = false;
};

/// Where a picture stands between photo and style, on the features that are optimised.
struct Balance {
  double content = 0;  ///< ‖F − P‖ / ‖P‖, over the content layers
  double style = 1;    ///< Σ ‖G − A‖ / ‖A‖ over the style layers, relative to the same of the photo

  /// Content lost per style distance left: grows with the strength of the style, for any pair and size.
  double ratio() const { return content / std::max(style, 1e-6); }
};

/// What a style wants of a picture of any size.
struct StyleGrams {
  std::vector<Tensor> matrices;  ///< [1, C, C], by losses::gram() of Encoder::features(), one per style layer
  double weight = 1;             ///< relative to the other styles', > 0
  Tensor mask = {};              ///< as Style::mask
};

/// Builds the objective of one scale: targets from the content and styles, resized alike.
///
/// @param balance  if not empty, receives the balance of each picture that the objective is asked for
///                 (meaningful for relative losses).
PictureObjective make_objective(std::shared_ptr<const Encoder> encoder, const Inputs& inputs,
                                const ObjectiveSettings& settings, const Scale& scale,
                                std::shared_ptr<Balance> balance = {});

/// The same towards Gram matrices that are known, whatever the scale; ObjectiveSettings::style_scale has no meaning.
/// @param content  [1, 3, H, W].
/// @throws Error   when a style's matrices are not one for each style layer, or not the encoder's.
PictureObjective make_objective(std::shared_ptr<const Encoder> encoder, const Tensor& content,
                                const std::vector<StyleGrams>& styles, const ObjectiveSettings& settings,
                                const Scale& scale);

/// The content's weight at a strength, for who gives one for strength 50: 25 points change it tenfold.
double content_weight_at(double strength, double weight);

/// Bytes that an evaluation and L-BFGS with `history` pairs need for a picture [1, 3, H, W].
std::size_t objective_memory(const Encoder& encoder, const Tensor& picture, long history);

}  // namespace atelier
