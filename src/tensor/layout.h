#pragma once
#include "tensor/tensor.h"

namespace atelier {

/// Whether [N, C, H, W] lies in memory pixel by pixel, and not also plane by plane.
inline bool is_channels_last(const Tensor& tensor) {
  return tensor.is_contiguous(torch::MemoryFormat::ChannelsLast) && !tensor.is_contiguous();
}

}  // namespace atelier
