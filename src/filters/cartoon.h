#pragma once
#include <cstdint>

#include "atelier/image.h"

namespace atelier {

struct CartoonOptions {
  int colours = 12;        ///< paints, 2 … 256
  bool ink = true;         ///< draw lines where light meets dark
  double line_width = 1;   ///< σ of the narrower Gaussian, pixels, 0.3 … 10
  std::uint64_t seed = 0;  ///< of the choice of paints
};

/// `image` as a drawing of flat colours and ink, of which it is known how many colours it has: `colours` at most, one
/// of them the ink when there is any.
///
/// The picture is smoothed between its edges (bilateral()); its colours become the means of k-means in CIE Lab; specks
/// of fewer than 12 pixels go to the paint around them; ink is drawn where the difference of Gaussians of the luma,
/// G(σ) − G(1.6 σ), falls below −0.012 (after Winnemöller, Olsen, Gooch 2006, section 3.3, but hard-edged), without
/// specks. The result has no soft edges, and 8 bits. Alpha is dropped.
/// @throws Error for options out of range or a picture without pixels.
Image cartoon(const Image& image, const CartoonOptions& options = {});

}  // namespace atelier
