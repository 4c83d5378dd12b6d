#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tensor/tensor.h"

namespace atelier {

/// Pictures that a generator made earlier, so that its critic does not forget them (Shrivastava et al., CVPR 2017,
/// §2.3, as in CycleGAN): while it fills, what comes in is given back; then half of the pictures are exchanged for
/// random earlier ones. Kept in half precision.
class HistoryPool {
 public:
  /// @param size  pictures kept, each [3, side, side]; 0: everything is given back as it comes.
  HistoryPool(std::int64_t size, std::int64_t side);

  /// What the critic shall see in place of `pictures` [N, 3, side, side]: as many, detached. A function of the seed and
  /// of what came before. @throws Error when a picture is not of the pool's shape.
  Tensor exchange(const Tensor& pictures, std::uint64_t seed);

  /// Everything kept, for checkpoints.
  std::vector<std::pair<std::string, Tensor>> state() const;

 private:
  Tensor kept_;    ///< [size, 3, side, side]
  Tensor filled_;  ///< [1], how many of them are pictures
};

}  // namespace atelier
