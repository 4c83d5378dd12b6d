#pragma once
#include "tensor/tensor.h"

/// Giving one picture the colours of another. Pictures are [1, 3, H, W], sRGB-encoded, in [0, 1]; the two may differ
/// in size; every result is in [0, 1]. All throw Error for another shape or a picture without pixels.
namespace atelier::colour {

/// Mean [3] and covariance [3, 3] of the colours over all pixels, in double.
struct Statistics {
  Tensor mean;
  Tensor covariance;
};

Statistics statistics(const Tensor& picture);

/// Which of the linear maps A with A Σ_s Aᵀ = Σ_r.
enum class LinearMap {
  kCholesky,  ///< L_r L_s⁻¹: depends on the order of the channels
  kPca,       ///< Σ_r^½ Σ_s^-½, symmetric roots: the image-analogies form
  kMk,        ///< Σ_s^-½ (Σ_s^½ Σ_r Σ_s^½)^½ Σ_s^-½: Monge-Kantorovich, moves colours the least
};

/// The map A, [3, 3] in double; the identity when the covariances are equal.
///
/// Papers: Gatys, Bethge, Hertzmann, Shechtman, "Preserving Color in Neural Artistic Style Transfer", 2016, section 3
/// (kCholesky, kPca); Pitié & Kokaram, "The linear Monge-Kantorovitch linear colour mapping", CVMP 2007 (kMk).
/// Addition: 1e-5 (a deviation of 0.8 of 255 levels) is added to the variances of both, so that grey pictures have
/// an inverse and their noise is not blown up to colours.
Tensor linear_map(const Tensor& source_covariance, const Tensor& reference_covariance, LinearMap kind);

/// `picture` with the mean and covariance of `reference`: x ← A (x − μ_s) + μ_r, then clamped.
Tensor match_linear(const Tensor& picture, const Tensor& reference, LinearMap kind);

/// `picture` with the distribution of `reference`, exactly in each channel. With rotations > 0, after that many rounds
/// in randomly (but always equally) turned axes, which brings the joint distribution closer: Pitié, Kokaram, Dahyot,
/// "N-dimensional probability density function transfer", ICCV 2005. Equal colours stay equal; the map is monotone in
/// each axis.
/// @throws Error if rotations is below 0.
Tensor match_histogram(const Tensor& picture, const Tensor& reference, int rotations = 0);

/// The light and dark of `style`, grey, with the mean and deviation of the content's luma:
/// L' = σ_c/σ_s (L − μ_s) + μ_c (Gatys et al. 2016, section 4), in three equal channels.
Tensor match_luma(const Tensor& style, const Tensor& content);

/// The luma of `result` with the I and Q of `content` (YIQ, as in Gatys et al. 2016, section 4). Addition: where such a
/// colour does not exist, its I and Q are lowered by one factor until it does, so that luma and hue stay.
/// @throws Error if the sizes differ.
Tensor keep_luma(const Tensor& result, const Tensor& content);

}  // namespace atelier::colour
