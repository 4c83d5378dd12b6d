#pragma once
#include "atelier/image.h"

namespace atelier {

struct BilateralOptions {
  double sigma_space = 3;     ///< pixels
  double sigma_colour = 0.1;  ///< Euclidean in encoded R, G, B, 0 … 1
  int rounds = 4;
};

/// `image` smoothed where colours are alike and kept where they part: the bilateral filter (Tomasi and Manduchi, ICCV
/// 1998), along rows and then columns, as Winnemöller, Olsen and Gooch (SIGGRAPH 2006) abstract pictures; several
/// rounds. Alpha is kept.
Image bilateral(const Image& image, const BilateralOptions& options = {});

}  // namespace atelier
