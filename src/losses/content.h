#pragma once
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

}  // namespace atelier::losses
