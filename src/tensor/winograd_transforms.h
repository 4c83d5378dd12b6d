#pragma once
#include <cstdint>

namespace atelier {

/// Whether a convolution ends by its ReLU.
enum class Rectified { kNo, kYes };

/// The linear maps of F(4 × 4, 3 × 3) (Lavin & Gray 2016, 4.3; Aᵀ, G and Bᵀ are theirs), each for all channels of a
/// place of the picture, in multiples of kLanes. The 36 "products" of a place are what is multiplied channels by
/// channels.
struct WinogradTransforms {
  static constexpr std::int64_t kLanes = 16;
  static constexpr std::int64_t kTile = 4, kPatch = 6;  ///< sides: of results, and of the inputs they are made from
  static constexpr std::int64_t kProducts = kPatch * kPatch;

  /// Bᵀ d B. @param pixels  36, row by row. @param products  36 runs of channels, `step` apart.
  void (*patch)(const float* const* pixels, std::int64_t channels, float* products, std::int64_t step);
  /// A y Aᵀ, the transpose of `tile`. @param pixels  16, row by row. @param products  as those of `patch`.
  void (*spread)(const float* const* pixels, std::int64_t channels, float* products, std::int64_t step);
  /// Aᵀ m A + bias. @param pixels  16, row by row; null for those beyond the picture's edge.
  void (*tile)(const float* products, std::int64_t step, std::int64_t channels, const float* bias, Rectified rectified,
               float* const* pixels);
  /// G g Gᵀ of the weights from place `first` to `last` of nine planes, `plane` apart, as the 36 of the result are.
  void (*weights)(const float* planes, std::int64_t plane, std::int64_t first, std::int64_t last, float* result);
  /// Gᵀ m G, the transpose of `weights`: from 36 planes to nine.
  void (*weights_back)(const float* planes, std::int64_t plane, std::int64_t first, std::int64_t last, float* result);
};

/// Those in the processor's widest instructions.
const WinogradTransforms& winograd_transforms();

}  // namespace atelier
