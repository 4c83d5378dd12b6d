#pragma once
#include <string>
#include <vector>

#include "tensor/tensor.h"

/// Giving the features of one picture the statistics of another's: the step that AdaIN, WCT and PhotoWCT share.
namespace atelier::reconstruction {

/// Mean and covariance of feature vectors over the positions, in double.
struct FeatureStatistics {
  Tensor mean;           ///< [C]
  Tensor covariance;     ///< [C, C], divisor n - 1; zero for fewer than two positions
  double positions = 0;  ///< how many positions count: n, or the sum of the mask
};

/// @param features  [1, C, H, W], floating point.
/// @param mask      [1, 1, H, W], weights >= 0 of the positions; undefined: 1 everywhere. The divisor is then
///                  Σm - Σm²/Σm, which is n - 1 for a mask of zeros and ones.
/// @throws Error    for other shapes or no position.
FeatureStatistics feature_statistics(const Tensor& features, const Tensor& mask = {});

/// Which linear map A takes centred features with covariance Σ_c to covariance Σ_s.
enum class Transform {
  kMoments,  ///< diag(σ_s / σ_c), channel by channel: AdaIN (Huang & Belongie, ICCV 2017, eq. 8)
  kEigen,  ///< P_s P_c with P_c = E_c D_c^-½ E_cᵀ, P_s = E_s D_s^½ E_sᵀ: WCT (Li et al., NIPS 2017, eq. 2 and 3)
  kCholesky,  ///< L_s L_c⁻¹ of the Cholesky factors: cheaper; depends on the order of the channels
  kOptimal,   ///< Σ_c^-½ (Σ_c^½ Σ_s Σ_c^½)^½ Σ_c^-½: moves features the least (Lu et al., ICCV 2019)
};

/// "moments", "eigen", "cholesky", "optimal".
/// @throws Error for another name.
Transform parse_transform(const std::string& name);

/// Eigenvalues below this share of the largest count as zero: features are rank deficient, and what bfloat16
/// leaves there is rounding.
constexpr double kLeastEigenvalue = 1e-5;

/// The map A, [C, C] in double. Directions that the content's features do not use (eigenvalue below `least` of the
/// largest) are dropped by kEigen and kOptimal; for kCholesky, `least` of the trace is added to both diagonals, for
/// kMoments to the variances.
/// @throws Error when the two do not have the same number of channels.
Tensor transform_matrix(const FeatureStatistics& content, const FeatureStatistics& style, Transform transform,
                        double least = kLeastEigenvalue);

/// What pulls the features at some positions; share and mask are [1, 1, H, W] in [0, 1] at the features' size.
struct StyleTarget {
  FeatureStatistics statistics;
  Tensor share = {};  ///< of this style in each position; undefined: 1 everywhere
  Tensor mask = {};   ///< the region whose statistics are replaced; undefined: everywhere
};

/// Features with the statistics of the styles: F + α · Σ_k a_k (A_k (F - μ_k) + μ_sk - F), where a_k is the style's
/// share of a position and μ_k and A_k come from the features inside its mask. A mask of less than two positions
/// does not count.
///
/// @param features  [1, C, H, W].
/// @param alpha     0 (unchanged) … 1.
/// @return          the same shape and type.
/// @throws Error    for shapes that do not fit.
Tensor transfer_statistics(const Tensor& features, const std::vector<StyleTarget>& styles, Transform transform,
                           double alpha = 1, double least = kLeastEigenvalue);

}  // namespace atelier::reconstruction
