#pragma once
#include <string_view>
#include <vector>

#include "tensor/tensor.h"

/// Whose colours the result keeps: one entry point for all methods; the formulas are in
/// tensor/colour_transfer.h and docs/color.md.
namespace atelier::colour {

enum class Mode {
  kStyle,      ///< "style": the style's colours, nothing is changed
  kContent,    ///< "content": the style gets the content's colours beforehand (the same as "mk")
  kLuma,       ///< "luma": only light and dark are stylised, hues come from the content
  kHistogram,  ///< "histogram": the style gets the content's colour distribution beforehand
  kCholesky,   ///< "cholesky", "pca", "mk": linear matching of mean and covariance, three ways
  kPca,
  kMk,
};

/// The names above, in that order.
const std::vector<std::string_view>& mode_names();

/// @throws Error naming the nearest mode when `name` is none.
Mode parse_mode(std::string_view name);

/// The content as the method should see it: grey for kLuma, else `content` itself.
Tensor prepare_content(Mode mode, const Tensor& content);

/// The style as the method should see it; `style` itself for kStyle.
///
/// @param style    [1, 3, h, w] in [0, 1], sRGB-encoded.
/// @param content  [1, 3, H, W], likewise, before prepare_content(); any size.
/// @return         [1, 3, h, w] in [0, 1].
Tensor prepare_style(Mode mode, const Tensor& style, const Tensor& content);

/// The method's result with the colours that were asked for.
///
/// @param result          [1, 3, H, W].
/// @param content         [1, 3, H, W], before prepare_content(); for kLuma of the result's size.
/// @param style_prepared  false when prepare_style() could not act, since the method's model holds
///                        the style: then the result itself is matched to the content.
/// @return                [1, 3, H, W] in [0, 1]; for kStyle `result` clamped.
Tensor finish(Mode mode, const Tensor& result, const Tensor& content, bool style_prepared = true);

}  // namespace atelier::colour
