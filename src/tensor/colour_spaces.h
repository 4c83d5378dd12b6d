#pragma once
#include "tensor/tensor.h"

/// Conversions of pictures [N, 3, H, W]; all differentiable, none clamps. All throw Error unless
/// the tensor is 4-D with three channels.
namespace atelier::colour {

/// sRGB-encoded to linear light and back (IEC 61966-2-1).
Tensor srgb_to_linear(const Tensor& picture);
Tensor linear_to_srgb(const Tensor& linear);

/// Y' = 0.299 R' + 0.587 G' + 0.114 B' of encoded values (ITU-R BT.601), [N, 1, H, W].
Tensor luma(const Tensor& picture);

/// Encoded RGB to NTSC's YIQ and back: Y' in [0, 1], |I| ≤ 0.5959, |Q| ≤ 0.5227.
Tensor rgb_to_yiq(const Tensor& picture);
Tensor yiq_to_rgb(const Tensor& yiq);

/// sRGB-encoded to CIE L*a*b* (white D65, 2°) and back: L in [0, 100].
Tensor rgb_to_lab(const Tensor& picture);
Tensor lab_to_rgb(const Tensor& lab);

}  // namespace atelier::colour
