#pragma once
#include "palette/dbscan.h"
#include "tensor/tensor.h"

/// The number of colours of a picture as a loss: the clusters that DBSCAN (eps 2, 10 points) finds among its pixels in
/// RGB. Paper: the colour-quantity loss on AnimeGAN, eq. 1.
namespace atelier::losses {

/// DB(p) of each picture. Values are rounded to 8 bits first.
/// @param pictures  [N, 3, H, W] in [0, 1]; what lies beyond is cut.
/// @return          [N], kDouble, no gradient.
/// @throws Error    when `pictures` is of another shape, empty or not finite.
Tensor colour_counts(const Tensor& pictures, const DbscanOptions& options = {});

/// The paper's loss: the mean of |DB(p) − DB(p')| over the batch. It is a step function of the pixels: a constant
/// without a gradient almost everywhere, so added to a generator's loss it changes the value and not the training.
/// @param made, wanted  numbers of clusters [N], by colour_counts().
/// @return              scalar, kDouble.
/// @throws Error        when their shapes differ.
Tensor colour_count_distance(const Tensor& made, const Tensor& wanted);

/// Where pixels should go for the wanted number of clusters (palette/colour_moves.h), fixed for one step.
struct ColourGoals {
  Tensor counts;   ///< [N], kDouble: clusters now
  Tensor colours;  ///< [N, 3, H, W] in [0, 1]; the picture's own where nothing pulls
  Tensor pulled;   ///< [N, 1, H, W]: 1 where a pixel should move, else 0
};

/// @param pictures  [N, 3, H, W] in [0, 1].
/// @param wanted    [N], numbers of clusters.
/// @throws Error    as colour_counts(), or when there is not one number per picture.
ColourGoals colour_goals(const Tensor& pictures, const Tensor& wanted, const DbscanOptions& options = {});

/// The mean over all pixels of h(‖x − goal‖ / eps), h(q) = q²/2 below 1 and q − ½ above (Huber), 0 for pixels that are
/// not pulled: how many radii of DBSCAN the average pixel has to move. Differentiable in `pictures`, goals are
/// constants.
/// @throws Error  when shapes differ.
Tensor colour_pull(const Tensor& pictures, const ColourGoals& goals, double eps = DbscanOptions().eps);

/// colour_pull() towards colour_goals(): a surrogate of the paper's loss whose gradient moves the number of clusters up
/// or down to the wanted one; exactly 0 where the numbers agree. Own design.
Tensor soft_colour_count_loss(const Tensor& pictures, const Tensor& wanted, const DbscanOptions& options = {});

}  // namespace atelier::losses
