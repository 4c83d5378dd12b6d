#pragma once
#include "metrics/plane.h"

namespace atelier {

/// Structural similarity: mean over the window's places of
/// (2 μa μb + C1)(2 σab + C2) / ((μa² + μb² + C1)(σa² + σb² + C2)).
///
/// Paper: Wang, Bovik, Sheikh, Simoncelli, "Image Quality Assessment: From Error Visibility to Structural Similarity",
/// IEEE TIP 2004, eq. 13: Gaussian window 11 × 11, σ = 1.5, K1 = 0.01, K2 = 0.03, only where the window lies inside. As
/// scikit-image's structural_similarity(gaussian_weights=True, use_sample_covariance=False), whose channel_axis
/// means kRgbMean.
///
/// @param a, b     of one size, at least 11 × 11.
/// @return         −1 … 1; 1 for equal pictures.
/// @throws Error   when sizes differ, a picture is too small or holds NaN.
double ssim(const Image& a, const Image& b, MetricColour colour = MetricColour::kRgbMean);

/// Multi-scale SSIM: Π_j CS_j^β_j · L_5^β_5 over five scales, each half the one before, where CS is the mean of the
/// contrast-and-structure term and L that of luminance times it.
///
/// Paper: Wang, Simoncelli, Bovik, "Multiscale structural similarity for image quality assessment", Asilomar 2003,
/// eq. 7, with its weights β = 0.0448, 0.2856, 0.3001, 0.2363, 0.1333. Halving is the mean of 2 × 2 pixels, as in the
/// authors' code; an odd last row or column is repeated. A scale of negative structure counts as 0, since the power of
/// a negative number is none.
///
/// @param a, b    of one size, at least 161 × 161 (eleven pixels are left at the fifth scale).
/// @return        0 … 1; 1 for equal pictures.
/// @throws Error  as ssim().
double ms_ssim(const Image& a, const Image& b, MetricColour colour = MetricColour::kRgbMean);

/// Gradient-based SSIM: SSIM whose contrast and structure are those of the gradient's magnitude, on luma.
///
/// Paper: Chen, Yang, Xie, "Gradient-based structural similarity for image quality assessment", ICIP 2006, eq. 10.
/// Deviations: ssim()'s window in place of 8 × 8 blocks; |∇| is the Euclidean norm of Sobel's two responses, over 4 so
/// that a step from black to white is 1; the edge pixels are repeated.
///
/// @param a, b    of one size, at least 11 × 11.
/// @return        −1 … 1; 1 for equal pictures. Colour changes count only through luminance.
/// @throws Error  as ssim().
double gradient_ssim(const Image& a, const Image& b);

}  // namespace atelier
