#pragma once
#include "tensor/tensor.h"

/// The losses of AnimeGAN beside the adversarial one. Paper: J. Chen, G. Liu, X. Chen, "AnimeGAN: A Novel Lightweight
/// GAN for Photo Animation", ISICA 2019, eq. 2 to 6.
namespace atelier::losses {

/// Luma in all three channels: what AnimeGAN's critic and its style loss see of a style. [N, 3, H, W], as given.
Tensor to_grey(const Tensor& picture);

/// Mean |F − P| / mean |P|: the content loss of CartoonGAN and AnimeGAN (L1), in units of the photo's features, so that
/// a weight means the same for every encoder and layer. A target of zero counts as of mean 1.
/// @param features, target  of one shape, [N, C, H, W]; the target is detached.
/// @return                  scalar.
/// @throws Error            when shapes differ or are empty.
Tensor relative_l1(const Tensor& features, const Tensor& target);

/// Grayscale style loss (eq. 4): the distance of the result's Gram matrix to that of a style picture without its
/// colours, so that strokes are learnt and colours are not. Relative L1 as above: Σ|G − A| / Σ|A|.
/// @param features   [N, C, H, W] of the results.
/// @param grey_gram  [1 or N, C, C]: gram() of features of to_grey(style); detached.
/// @throws Error     when the channels differ.
Tensor grey_style_loss(const Tensor& features, const Tensor& grey_gram);

/// Colour reconstruction loss (eq. 5): mean |ΔY| + mean h(ΔU) + mean h(ΔV) in YUV (ITU-R BT.601, Y in [0, 1]), h being
/// Huber's function with δ = 1: half of the square up to 1, linear above, where V alone comes, between opposite
/// saturated colours (V differs by up to 1.23, U by up to 0.87).
/// @param made, photo  [N, 3, H, W] in [0, 1].
/// @throws Error       when their shapes differ.
Tensor colour_reconstruction_loss(const Tensor& made, const Tensor& photo);

}  // namespace atelier::losses
