#pragma once
#include <vector>

#include "losses/loss_gradient.h"
#include "tensor/tensor.h"

namespace atelier::losses {

/// Channel-by-channel correlation of a feature map: G = F Fᵀ / (H·W).
///
/// Paper: Gatys, Ecker, Bethge, "Image Style Transfer Using Convolutional Neural Networks", CVPR
/// 2016, eq. 3. Differs from the paper: the division by the number of pixels is done here rather
/// than in eq. 4, so that pictures of different sizes compare alike.
///
/// @param features  [N, C, H, W], floating point, any device.
/// @return          [N, C, C], same type and device; units of feature².
/// @throws Error    if `features` is not 4-D or has no pixels.
Tensor gram(const Tensor& features);

/// Gram matrix of the features under a guidance channel: G_r = (T_r ∘ F)(T_r ∘ F)ᵀ, with the mask
/// scaled so that Σ T_r² = 1. An all-white mask gives gram().
///
/// Paper: Gatys et al., "Controlling Perceptual Factors in Neural Style Transfer", CVPR 2017,
/// section 4 (spatial control, guided Gram matrices).
///
/// @param mask    [1 or N, 1, H, W] at the features' size, values ≥ 0.
/// @return        [N, C, C]; zero where the mask is empty.
/// @throws Error  if shapes do not fit.
Tensor guided_gram(const Tensor& features, const Tensor& mask);

/// Gram matrix of R · F, features with a linear map over their channels, from that of F: R G Rᵀ.
///
/// @param gram     [N, C, C], by gram() or guided_gram() of F.
/// @param readout  R, [C, C] (see Encoder::readout()); undefined: the identity.
/// @throws Error   if the channels differ.
Tensor read_gram(const Tensor& gram, const Tensor& readout);

/// How the distance of two Gram matrices is measured.
enum class GramDistance {
  kMeanSquared,   ///< mean of (G − A)²; units of feature⁴
  kPaper,         ///< 1/(4 C²) Σ (G − A)²: eq. 4 of the CVPR 2016 paper for pictures of one size
  kRelative,      ///< ‖G − A‖² / ‖A‖² (Frobenius), no unit: 1 for features that are all zero
  kRelativeRoot,  ///< ‖G − A‖ / ‖A‖, no unit
};

/// Distance between a Gram matrix and a fixed target, averaged over the batch. Differentiable in
/// `gram`; zero, with zero gradient, where the two agree. A target of zero counts as of norm 1.
///
/// @param gram    [N, C, C].
/// @param target  [1 or N, C, C], detached; compute it once with gram().
/// @return        scalar.
/// @throws Error  if the channel counts differ.
Tensor gram_distance(const Tensor& gram, const Tensor& target, GramDistance distance);

/// gram_distance() of gram(features): the style loss of most methods.
Tensor gram_loss(const Tensor& features, const Tensor& target, GramDistance distance = GramDistance::kMeanSquared);

/// A Gram matrix wanted, its share of the sum, and where.
struct GramTarget {
  Tensor gram;  ///< [1 or N, C, C], by gram() or guided_gram() of the style
  double weight = 1;
  Tensor mask;  ///< as for guided_gram(); undefined: everywhere
};

/// Σ weight · gram_distance() over several styles or regions.
/// @throws Error  if `targets` is empty or a shape does not fit.
Tensor gram_loss(const Tensor& features, const std::vector<GramTarget>& targets, GramDistance distance);

/// The value of gram_loss() of R · F and its gradient by the features F in closed form, without a graph:
/// d‖G − A‖²/dF = 4/(H·W) · (G − A) F. One matrix product as large as gram()'s per mask, where autograd takes two;
/// the readout R costs products of C × C matrices only: its Gram matrix is R G Rᵀ, and a gradient S by that is
/// Rᵀ S R by G.
///
/// @param features  F, [N, C, H, W], any N ≥ 1; for instance of Encoder::raw_features(). Need not be detached.
/// @param targets   Gram matrices of R · F of the styles (read_gram()), one for all samples or one each; the loss
///                  of each target is its mean over the batch, as in gram_distance().
/// @param readout   R, [C, C]; undefined: the identity.
/// @throws Error    if `targets` is empty or a shape does not fit.
LossGradient gram_loss_with_gradient(const Tensor& features, const std::vector<GramTarget>& targets,
                                     GramDistance distance, const Tensor& readout = {});

}  // namespace atelier::losses
