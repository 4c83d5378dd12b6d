#pragma once
#include <torch/types.h>

namespace atelier {

/// Pictures are sRGB-encoded RGB in [0, 1], shape [1, 3, H, W]; masks are [1, 1, H, W].
using Tensor = at::Tensor;

}  // namespace atelier
