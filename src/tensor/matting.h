#pragma once
#include <cstdint>
#include <vector>

#include "tensor/tensor.h"

namespace atelier {

/// How alike neighbouring pixels are: W_ij sums over the 3 × 3 windows k that hold both
/// 1/9 (1 + (I_i - μ_k)ᵀ (Σ_k + ε/9)⁻¹ (I_j - μ_k)). Each pixel's row has up to 25 entries, the 5 × 5 pixels around it.
///
/// Paper: Levin, Lischinski, Weiss, "A Closed-Form Solution to Natural Image Matting", PAMI 2008, eq. 12; its matting
/// Laplacian is D - W, D the diagonal of the rows' sums.
struct MattingAffinity {
  std::int64_t height = 0, width = 0;
  std::vector<double> rows;  ///< 25 per pixel, row by row of the 5 × 5; 0 beyond the picture
  std::vector<double> sums;  ///< D, one per pixel
};

/// @param picture  [1, 3, H, W] in [0, 1], at least 3 × 3.
/// @throws Error   for another shape, or epsilon not above 0.
MattingAffinity matting_affinity(const Tensor& picture, double epsilon = 1e-7);

/// What one solve did.
struct SmoothingReport {
  int iterations = 0;  ///< the most of the three channels
  double error = 0;    ///< relative residual, the largest
};

/// Smooths `picture` so that pixels that are alike in `guide` come out alike:
/// R = (1 - α)(I - αS)⁻¹ Y with S = D⁻¹ W and α = 1 / (1 + λ), as (D - αW) R = (1 - α) D Y by conjugate gradients.
///
/// Paper: Li, Liu, Li, Yang, Kautz, "A Closed-form Solution to Photorealistic Image Stylization", ECCV 2018, eq. 6 to
/// 8, λ = 1e-4. Differs from the paper, whose S is D^-½ W D^-½: that darkens the picture's rim, where pixels lie in
/// fewer windows; D⁻¹ W keeps flat pictures flat.
///
/// @param picture  [1, C, H, W]; @param guide [1, 3, H, W], the photo.
/// @param lambda   above 0: how much stays of the picture itself.
/// @param report   receives what the solver did, when given.
/// @return         the shape and type of `picture`, not clamped.
/// @throws Error   when the sizes differ, or lambda or epsilon is not above 0.
Tensor smooth_by_affinity(const Tensor& picture, const Tensor& guide, double lambda = 1e-4, double epsilon = 1e-7,
                          SmoothingReport* report = nullptr);

}  // namespace atelier
