#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "methods/method.h"

/// What feed-forward methods share: several styles with weights and masks, strength, padding, and progress.
namespace atelier {

/// How much of each pixel each style paints; with `photo` the maps sum to one everywhere.
struct StyleShares {
  std::vector<Tensor> maps;  ///< one [1, 1, H, W] in [0, 1] per style, in their order
  Tensor photo;              ///< [1, 1, H, W]: what stays the photo's
  bool uniform = false;      ///< no style has a mask: each map is one value, and the photo keeps nothing
};

/// Shares from weights and masks: with mask m and weight w, style i gets min(1, Σ m) · w m / Σ w m.
///
/// Masks that complement each other, soft edges included, divide the picture between their styles; where masks overlap
/// the weights decide; where they cover less than one, the photo keeps the rest. So it is with the guided Gram matrices
/// of gatys: outside every mask no style acts and the content alone remains.
/// @throws Error when there is no style or a weight is not above 0.
StyleShares style_shares(const std::vector<Style>& styles, std::int64_t height, std::int64_t width);

/// How much of the photo itself stays, [1, 1, H, W] in [0, 1], where a picture is made of features: all where no mask
/// covers, and some below strength 20.
Tensor kept_photo(const Inputs& inputs);

/// Σ map · picture + photo's share · photo.
/// @param pictures  [1, 3, H, W], one per map, of the photo's size.
/// @throws Error    when their number or a size differs.
Tensor mix_pictures(const Tensor& photo, const std::vector<Tensor>& pictures, const StyleShares& shares);

/// A network applied to a picture [1, 3, H, W] in [0, 1]; the result has the same size.
using Stylise = std::function<Tensor(const Tensor& picture)>;

/// The photo for strength 0, the network's own result for 50 and a linear mixture between. Above 50 the network is
/// applied once more, to its own result, and the two are mixed by (strength − 50) / 50.
/// @param strength  0 … 100.
/// @return          [1, 3, H, W] in [0, 1].
Tensor with_strength(const Tensor& photo, double strength, const Stylise& stylise);

/// Makes height and width multiples of `multiple` by reflecting the picture at its right and lower edge (the edge pixel
/// not repeated; pictures too small for that repeat it).
Tensor pad_to_multiple(const Tensor& picture, std::int64_t multiple);

/// The upper left `height` × `width` pixels: undoes pad_to_multiple(). @throws Error when the picture is smaller.
Tensor crop_to(const Tensor& picture, std::int64_t height, std::int64_t width);

/// Counts the runs of a network for OnProgress, and ends the work when asked to.
class RunCounter {
 public:
  /// `on_progress` must outlive the counter.
  RunCounter(std::string stage, int runs, const OnProgress& on_progress, bool keep_best_on_stop);

  /// Call before each run and after the last one: tells how many are finished, and previews `so_far`.
  /// @return        false when the caller asked to stop and wants `so_far`.
  /// @throws Error  (kStopped) when it asked to stop and wants nothing.
  bool next(const Tensor& so_far);

 private:
  std::string stage_;
  int runs_, finished_ = 0;
  const OnProgress& on_progress_;
  bool keep_best_on_stop_;
};

/// The whole of Method::run() for a network that paints one style at a time: each style's network on the whole
/// photo, mixed by style_shares(), with strength, progress and stopping.
/// @param stage    what progress calls it, for instance "painting".
/// @param stylise  the network of `style` on a picture; need not clamp.
/// @throws Error   when there is no style.
Tensor paint_feed_forward(const Inputs& inputs, const OnProgress& on_progress, const std::string& stage,
                          const std::function<Tensor(const Tensor& picture, const Style& style)>& stylise);

}  // namespace atelier
