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

/// The value of content_loss() of R · F and its gradient by the features F in closed form, without a graph.
///
/// @param features  F, any shape; [N, C, H, W] with a readout, for instance of Encoder::raw_features(). Need not be
///                  detached.
/// @param target    same shape: R · P of the content, for instance of Encoder::features().
/// @param readout   R, [C, C] over the channels; undefined: the identity.
/// @throws Error    if the shapes differ, are empty, or do not fit the readout.
LossGradient content_loss_with_gradient(const Tensor& features, const Tensor& target, ContentDistance distance,
                                        const Tensor& readout = {});

}  // namespace atelier::losses
