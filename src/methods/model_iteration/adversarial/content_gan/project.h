#pragma once
#include <cstdint>
#include <functional>

#include "networks/network.h"

namespace atelier::methods::content_gan {

/// The picture of a dense generator that is nearest to `picture`: its code is searched by Adam so that the content
/// terms of the article, §4.2, ‖G(z) − x‖₁ + ‖G(z) − x‖₂ as means over pixels, become small.
/// @param picture   [1, 3, H, W]; seen grey at 28 × 28 pixels.
/// @param steps     of the search.
/// @param on_step   called with the step's number before each; returns false to end the search there.
/// @return          [1, 3, 28, 28] in [0, 1], grey.
Tensor nearest_drawn(const Network& generator, const Tensor& picture, int steps, std::uint64_t seed,
                     const std::function<bool(int)>& on_step);

}  // namespace atelier::methods::content_gan
