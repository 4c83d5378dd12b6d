#pragma once
#include "atelier/image.h"
#include "tensor/tensor.h"

namespace atelier {

/// The colours of `image` as a float tensor [1, 3, H, W]. Alpha is not included.
Tensor to_tensor(const Image& image);

/// The inverse of to_tensor(): clamps to [0, 1] and leaves alpha and metadata empty.
/// @throws Error if `tensor` is not [1, 3, H, W].
Image to_image(const Tensor& tensor);

}  // namespace atelier
