#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "methods/method.h"
#include "methods/model_iteration/reconstruction/decoders.h"
#include "methods/model_iteration/reconstruction/feature_transform.h"
#include "methods/refined_painting.h"

namespace atelier::reconstruction {

/// The margin that methods paint with.
inline constexpr std::int64_t kMargin = 32;

/// How each level changes the features.
struct LevelSettings {
  Transform transform = Transform::kEigen;
  double alpha = 1;  ///< share of the transformed features, 0 … 1; above, all levels once more with what is above 1
  double least = kLeastEigenvalue;
  /// Mirrored pixels around the picture, cut off again at the end: encoders trained with zeros beyond the edge see
  /// lines there, which decoders would paint. Whole multiples of 16.
  std::int64_t margin = 0;
  std::function<Tensor(const Tensor&)> finish = {};  ///< a last step on the picture [1, 3, H, W]; empty: none
};

/// The whole of Method::run() for methods that encode, transform and decode, level after level: what one level paints
/// the next one encodes (Li et al., NIPS 2017, section 3.3). Several styles share the features as style_shares() says;
/// inside a mask the region's own statistics are replaced. The photo stays where no mask covers, and mixes with the
/// result below strength 20, because even unchanged features do not decode to quite the photo.
///
/// @param levels  deepest first; decoders that unpool get the features before each pooling of the same encoder.
/// @return        [1, 3, H, W] in [0, 1].
/// @throws Error  when there is no style.
Tensor paint_levels(const Inputs& inputs, const std::vector<Level>& levels, const LevelSettings& settings,
                    const OnProgress& on_progress);

/// About how many bytes paint_levels() needs beside the inputs; 0 at strength 0.
std::size_t levels_memory(const Inputs& inputs, const std::vector<Level>& levels, std::int64_t margin = kMargin);

/// paint_levels(), refined on the features of the first level's encoder; and what that needs.
Tensor paint_and_refine(const Inputs& inputs, const std::vector<Level>& levels, const LevelSettings& settings,
                        const Refinement& refinement, const OnProgress& on_progress);
std::size_t refined_levels_memory(const Inputs& inputs, const std::vector<Level>& levels, const Refinement& refinement);

/// What tells the methods apart that paint through all levels of a model, with strength 50 as α = 1.
struct LevelPainting {
  std::string method, model;
  Transform transform = Transform::kMoments;
  Refinement refinement = {};
};
std::unique_ptr<Method> make_level_painter(const LevelPainting& painting);

}  // namespace atelier::reconstruction
