#pragma once
#include "metrics/plane.h"

namespace atelier {

/// `plane` under a Gaussian of `sigma` pixels, cut at `radius` and normalised; mirrored at the edges (the edge pixel
/// once).
/// @param sigma   above 0.
/// @param radius  at least 0; -1: three times sigma, rounded up.
Plane gaussian_blur(const Plane& plane, double sigma, int radius = -1);

/// The index in [0, size) that position `at` outside mirrors: … 2 1 0 1 2 …
int mirrored(int at, int size);

}  // namespace atelier
