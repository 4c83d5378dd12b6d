#pragma once
#include <torch/torch.h>

#include "tensor/tensor.h"

namespace atelier {

/// As many pictures of as many channels as `like`, [N, C, height, width], channels last, not filled.
inline Tensor empty_pixels(const Tensor& like, std::int64_t height, std::int64_t width) {
  return torch::empty({like.size(0), like.size(1), height, width},
                      like.options().memory_format(torch::MemoryFormat::ChannelsLast));
}

}  // namespace atelier
