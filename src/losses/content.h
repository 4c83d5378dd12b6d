#pragma once
#include "losses/loss_gradient.h"
#include "tensor/tensor.h"

namespace atelier::losses {

/// How the distance of two feature maps is measured.
enum class ContentDistance {
  kPaper,        ///< ½ Σ (F − P)²: Gatys, Ecker, Bethge, CVPR 2016, eq. 1; units of feature²
  kMeanSquared,  ///< mean of (F − P)²: Johnson et al., ECCV 2016; units of feature²
  kRelative,     ///< ‖F − P‖² / ‖P‖², no unit: 1 for features that are all zero
};

/// Distance of the features to those of the content. The batch is treated as one long vector.
/// Differentiable in `features`. A target of zero counts as of norm 1.
///
/// @param features  any shape, floating point.
/// @param target    same shape, detached.
/// @return          scalar.
/// @throws Error    if the shapes differ or are empty.
Tensor content_loss(const Tensor& features, const Tensor& target, ContentDistance distance = ContentDistance::kPaper);

/// Content, with what does not change while something is brought near to it: the value of content_loss() of R · F to
/// R · P and its gradient by the features F, in closed form, without a graph and with one product over the pixels.
class ContentTarget {
 public:
  ContentTarget() = default;
  /// @param features  P, any shape; [N, C, H, W] with a readout, for instance of Encoder::raw_features().
  /// @param readout   R, [C, C] over the channels; undefined: the identity.
  /// @throws Error    if the features are empty or do not fit the readout.
  explicit ContentTarget(const Tensor& features, ContentDistance distance, const Tensor& readout = {});

  bool defined() const { return features_.defined(); }
  /// @param features  F, of the shape of P; best in its memory layout. Need not be detached.
  /// @throws Error    if the shapes differ.
  LossGradient loss_with_gradient(const Tensor& features) const;

 private:
  Tensor features_;
  Tensor metric_;  ///< RᵀR; undefined for the identity
  double factor_ = 0;
};

}  // namespace atelier::losses
