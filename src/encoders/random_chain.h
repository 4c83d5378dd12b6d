#pragma once
#include <cstdint>
#include <vector>

#include "encoders/conv_chain.h"

namespace atelier {

/// A VGG-shaped network with seeded random weights (He et al., ICCV 2015): where training starts, and for tests and
/// measurements that need a network's shape only. Its input is centred and of about unit scale, so that the padding
/// value 0 is mid-grey.
///
/// @param depths          convolutions of each block.
/// @param widths          channels of each block; as many as `depths`.
/// @param bias_deviation  of the random biases; 0 draws none.
ConvChain random_chain(const std::vector<int>& depths, const std::vector<int>& widths, std::uint64_t seed = 5,
                       double bias_deviation = 0.1);

}  // namespace atelier
