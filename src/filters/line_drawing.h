#pragma once
#include "atelier/image.h"
#include "metrics/plane.h"

namespace atelier {

/// How much lighter each pixel's luma is than its surroundings, −1 … 1: the difference of Gaussians G(σ) − G(1.6 σ).
/// Negative where a dark line runs, or on the dark side of an edge.
/// Source: Winnemöller, Olsen, Gooch 2006, section 3.3.
/// @param sigma  of the narrower Gaussian, pixels, above 0.
Plane lightness_of_lines(const Image& image, double sigma);

struct LineDrawingOptions {
  double line_width = 1;  ///< σ of the narrower Gaussian, pixels, 0.3 … 10
};

/// `image` as a pencil drawing: grey lines on white paper where it is darker than its surroundings, the darker the
/// greater the difference, 1 − tanh(φ · (−0.006 − difference)) with φ = 40.
/// Source: Winnemöller, Kyprianidis, Olsen 2012 (XDoG), eq. 5, but of the difference alone: dark areas stay white, as
/// in a drawing that waits for its colours. Alpha is dropped.
/// @throws Error for options out of range or a picture without pixels.
Image line_drawing(const Image& image, const LineDrawingOptions& options = {});

}  // namespace atelier
