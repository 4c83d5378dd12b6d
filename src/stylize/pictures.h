#pragma once
#include <vector>

#include "atelier/stylize.h"
#include "methods/method.h"

namespace atelier {

/// The pictures of a request, decoded and at their working sizes.
struct Pictures {
  Image photo;                ///< with alpha and metadata
  Tensor content;             ///< the photo's colours, [1, 3, H, W]
  std::vector<Style> styles;  ///< pictures, weights and masks as the user gave them
};

/// Reads photo, styles and masks; the longer sides become request.size and request.style_size.
/// @throws Error naming the file that is missing, broken, or (a mask) of the wrong shape.
Pictures read_pictures(const Request& request);

/// What the method receives: `pictures` after the part of colour control that acts beforehand.
Inputs method_inputs(const Request& request, const Pictures& pictures);

/// `painted` after the part of colour control that acts afterwards, with the photo's alpha,
/// metadata and depth.
Image finished_picture(const Request& request, const Pictures& pictures, const Image& painted);

}  // namespace atelier
