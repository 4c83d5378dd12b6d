#pragma once
#include "atelier/image.h"

namespace atelier {

/// How far a picture's power at the frequencies of an upsampling grid stands out, in dB.
struct Checkerboard {
  double period2 = 0;  ///< grid of every second pixel: a stride-2 layer next to the output
  double period4 = 0;  ///< what a grid of 4 adds: two such layers
  double period8 = 0;  ///< what a grid of 8 adds: three; also the blocks of JPEG

  double worst() const;  ///< the largest of the three: the index
};

/// Checkerboard artefacts of upsampling layers (Odena, Dumoulin, Olah, "Deconvolution and Checkerboard Artifacts",
/// Distill 2016) repeat every 2, 4 or 8 pixels, so that their power lies at multiples of 1/2, 1/4 and 1/8 cycles a
/// pixel and nowhere else, while a picture's own power changes little from one frequency to the next. The index is
/// 10 log10(Σ P / Σ N) over the frequencies (i/p, j/p) that the grid of p has and that of p/2 has not: P is the power
/// there, by power_spectrum(), N that of the neighbours at a distance of 3 to 6 steps, along the row or the column,
/// whichever is higher (upright and level edges fill whole rows and columns).
///
/// About 0 without a grid (by chance −2 … 2 at 512 pixels, more in smaller pictures), 3 when the grid doubles the power
/// at its frequencies, above 10 plainly visible in smooth places. A texture that itself repeats every 2, 4 or 8 pixels
/// counts as one.
///
/// @throws Error when the picture is smaller than 64 × 64 or holds NaN.
Checkerboard checkerboard(const Image& image);

}  // namespace atelier
