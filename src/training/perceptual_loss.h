#pragma once
#include <memory>
#include <string>
#include <vector>

#include "encoders/encoder.h"
#include "tensor/tensor.h"

namespace atelier {

/// What a style is to the loss.
struct StyleTargets {
  std::vector<Tensor> grams;  ///< per style tap, [1, C, C]
  std::vector<double> units;  ///< per style tap: what ‖G − A‖² is measured in
};

/// The perceptual loss of feed-forward training (Johnson, Alahi, Fei-Fei, ECCV 2016, eq. 2 to 5) with both terms in
/// units of their own, so that weights mean the same for every style:
///
///     mean over taps ‖G − A‖² / unit  +  content weight · ‖F − P‖² / ‖P‖²  +  tv weight · TV  +
///     grid weight · (what upsampling leaves, losses/upsampling_grid.h)  +
///     smoothness weight · (colours that drift, losses/edge_aware_smoothness.h)  +
///     flat TV weight · (TV times the square of the photo's losses::flatness())
///
/// with its gradient in closed form: the encoder's features are made once and no graph is kept.
class PerceptualLoss {
 public:
  struct Settings {
    std::vector<std::string> style_taps = {"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"};
    std::string content_tap = "relu4_2";
    double tv_weight = 0;
    double grid_weight = 0;
    double smoothness_weight = 0;
    double flat_tv_weight = 0;
    /// evaluate() compares the mean of the batch's Gram matrices, all of one style, instead of each: like a painting, a
    /// batch may then have its strokes in some places and leave others plain. What they are measured in stays.
    bool pooled_grams = false;
  };

  /// What is wanted of a batch of results.
  struct Wanted {
    Tensor photos;                            ///< [N, 3, H, W]; with photo_features for smoothness and flat TV only
    std::vector<const StyleTargets*> styles;  ///< one per picture
    std::vector<double> content_weights;      ///< one per picture
    std::vector<Tensor> photo_features = {};  ///< encode(photos) where it is at hand; empty: made here
  };

  struct Result {
    double loss = 0;              ///< mean over the batch
    Tensor gradient;              ///< [N, 3, H, W]: of the loss by the pictures
    std::vector<double> content;  ///< per picture: ‖F − P‖ / ‖P‖
    /// Per picture: mean over taps of ‖G − A‖ / ‖A‖, divided by the photo's own; all the same when pooled.
    std::vector<double> style;
  };

  PerceptualLoss(std::shared_ptr<const Encoder> encoder, Settings settings);

  /// @param picture  [1, 3, h, w] at the size that its strokes shall have.
  /// @param photos   [N, 3, H, W]: the units are the mean ‖G − A‖² of photos, so that a soft style, from which photos
  ///                 are far, weighs no more than a strong one. Undefined: ‖A‖².
  StyleTargets targets(const Tensor& picture, const Tensor& photos = {}) const;

  /// The raw features at taps() of a batch [N, 3, H, W], without gradients.
  std::vector<Tensor> encode(const Tensor& pictures) const;

  /// The style taps, then the content tap.
  const std::vector<std::string>& taps() const { return taps_; }

  /// targets() of every picture of a batch, from what encode() gave of paintings and photos.
  std::vector<StyleTargets> targets_of(const std::vector<Tensor>& paintings, const std::vector<Tensor>& photos) const;

  /// @param pictures  [N, 3, H, W], float.
  Result evaluate(const Tensor& pictures, const Wanted& wanted) const;

  /// How far `pictures` are from a style: mean over pictures and taps of ‖G − A‖ / ‖A‖.
  double style_distance(const Tensor& pictures, const StyleTargets& style) const;

 private:
  struct Sums;
  std::vector<Tensor> grams(const std::vector<Tensor>& features) const;
  /// What is compared of a batch's Gram matrices [N, C, C]: of the same size, each its own or all the mean.
  Tensor compared(const Tensor& grams) const;

  void add_style(std::size_t tap, const Tensor& features, const Tensor& photo_gram, const Wanted& wanted,
                 Sums& sums) const;
  void add_content(const Tensor& features, const Tensor& photo_features, const Wanted& wanted, Sums& sums) const;

  std::shared_ptr<const Encoder> encoder_;
  Settings settings_;
  std::vector<std::string> taps_;  ///< the style taps, then the content tap
  std::vector<Tensor> readouts_;   ///< [C, C] per tap; undefined for none
};

}  // namespace atelier
