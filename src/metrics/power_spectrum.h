#pragma once
#include <vector>

#include "atelier/image.h"

namespace atelier {

/// How the variance of a picture's luma is spread over frequencies.
struct PowerSpectrum {
  int side = 0;               ///< of the tiles it was taken from: frequencies are multiples of 1/side cycles a pixel
  std::vector<double> power;  ///< side × side, row v, column u, both 0 … side − 1; white noise of variance σ² gives σ²

  /// Power at (u, v); both may lie outside and wrap around.
  double at(int u, int v) const;
};

/// Power that rounding to 8 bits adds to every frequency: (1/255)² / 12. Ratios of powers are taken above it, so that
/// flat pictures have defined ones.
inline constexpr double kRoundingPower = 1.0 / (255.0 * 255.0 * 12.0);

/// Side of the tiles for a picture: the largest of 128, 64 and 32 that fits.
/// @throws Error when the picture is smaller than 32 × 32 or holds NaN.
int spectrum_side(const Image& image);

/// Welch's estimate ("The use of fast Fourier transform for the estimation of power spectra", 1967) in two dimensions:
/// periodograms of the luma of tiles that overlap by half, each less its mean and under a Hann window, averaged.
/// @param side  a power of two that fits into the picture; 0: spectrum_side().
PowerSpectrum power_spectrum(const Image& image, int side = 0);

/// Mean power over rings: element k − 1 holds the frequencies whose distance from 0 rounds to k/side cycles a pixel,
/// k = 1 … side/2.
std::vector<double> radial_spectrum(const PowerSpectrum& spectrum);

/// How unlike the radial spectra of two pictures of any sizes are: the root mean square over frequencies, in steps of
/// 1/side, of the difference in dB. 0 for pictures of the same grain and sharpness; 3 dB is a factor of two.
/// @throws Error as spectrum_side().
double spectrum_distance(const Image& a, const Image& b);

}  // namespace atelier
