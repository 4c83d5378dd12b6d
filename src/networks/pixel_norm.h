#pragma once
#include "tensor/tensor.h"

namespace atelier {

/// What mean and variance are taken over, beside the places of a picture.
enum class NormOver {
  kChannel,     ///< each channel for itself: instance norm
  kAllChannels  ///< all of a picture: layer norm
};

/// Instance or layer norm of pictures that lie in memory pixel by pixel, for painting:
///
///     weight · (x − mean) / √(variance + epsilon) + bias
///
/// with the variance of Ulyanov et al. (2016) and Ba et al. (2016), divided by the number of values. Sums are taken in
/// blocks of fixed size and added up in order, so that what comes out depends neither on the number of threads, as with
/// LibTorch's kernel for this layout, nor on the other pictures of a batch. Without gradients.
///
/// @param pixels        [N, C, h, w], channels last, on the processor; float, double or bfloat16, which the result has
/// too.
/// @param weight, bias  [C] for all pictures, or [N · C] for each its own.
/// @param overwrite     write the result over `pixels`, which nothing else reads any more.
/// @throws Error        if `pixels` lies otherwise or is empty, or the parameters do not fit.
Tensor norm_of_pixels(const Tensor& pixels, const Tensor& weight, const Tensor& bias, double epsilon, NormOver over,
                      bool overwrite = false);

/// The same over each channel, while learning: with gradients of all three, differentiable twice.
/// @param pixels        [N, C, h, w], float, channels last, on the processor.
/// @param weight, bias  [N · C].
/// @throws Error        as norm_of_pixels().
Tensor learning_instance_norm(const Tensor& pixels, const Tensor& weight, const Tensor& bias, double epsilon);

}  // namespace atelier
