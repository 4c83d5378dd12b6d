#include "metrics/power_spectrum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "atelier/error.h"
#include "support/test_pictures.h"

namespace atelier {
namespace {

using testing::changed;
using testing::grey_picture;
using testing::noise_picture;

TEST(PowerSpectrum, OfWhiteNoiseIsItsVarianceEverywhere) {
  const auto spectrum = power_spectrum(noise_picture(512, 512, 1, 0.5, 0.3));
  EXPECT_EQ(spectrum.side, 128);
  const double mean =
      std::accumulate(spectrum.power.begin(), spectrum.power.end(), 0.0) / static_cast<double>(spectrum.power.size());
  EXPECT_NEAR(mean, 0.3 * 0.3 / 3, 0.001);
  for (const double ring : radial_spectrum(spectrum)) EXPECT_NEAR(ring, 0.03, 0.012);
}

TEST(PowerSpectrum, OfAWaveLiesAtItsFrequency) {
  const auto wave = grey_picture(64, 64, [](int x, int) { return 0.5 + 0.4 * std::sin(2 * std::numbers::pi * x / 8); });
  const auto spectrum = power_spectrum(wave);
  EXPECT_EQ(spectrum.side, 64);
  // a²/4 · (Σ w)⁴ / (Σ w²)² for the Hann window: Σ w = n/2, Σ w² = 3n/8
  EXPECT_NEAR(spectrum.at(8, 0), 0.04 * 64 * 64 / 16 / (0.375 * 0.375), 1e-2);
  EXPECT_NEAR(spectrum.at(-8, 0), spectrum.at(8, 0), 1e-9);
  EXPECT_LT(spectrum.at(12, 0), 1e-9);
  const auto rings = radial_spectrum(spectrum);
  ASSERT_EQ(rings.size(), 32u);
  for (std::size_t k = 0; k < rings.size(); ++k) EXPECT_LE(rings[k], rings[7]);
}

TEST(PowerSpectrum, OfAFlatPictureIsNothing) {
  for (const double ring : radial_spectrum(power_spectrum(grey_picture(40, 70, [](int, int) { return 0.3; }))))
    EXPECT_NEAR(ring, 0, 1e-12);
}

TEST(SpectrumDistance, IsZeroForTheSameGrainAtAnySize) {
  const auto noise = noise_picture(256, 256, 1);
  EXPECT_EQ(spectrum_distance(noise, noise), 0);
  EXPECT_LT(spectrum_distance(noise, noise_picture(300, 200, 2)), 1);
  EXPECT_LT(spectrum_distance(noise, noise_picture(64, 64, 2)), 1.5);  // on the smaller one's frequencies
}

TEST(SpectrumDistance, OfHalfTheContrastIsSixDecibels) {
  EXPECT_NEAR(spectrum_distance(noise_picture(128, 128, 1, 0.5, 0.4), noise_picture(128, 128, 1, 0.5, 0.2)), 6.02,
              0.01);
}

TEST(SpectrumDistance, RefusesSmallAndBrokenPictures) {
  const auto noise = noise_picture(64, 64, 1);
  EXPECT_THROW(spectrum_distance(noise, noise_picture(31, 64, 1)), Error);
  EXPECT_THROW(power_spectrum(changed(noise, [](int, int) { return std::numeric_limits<double>::infinity(); })), Error);
}

}  // namespace
}  // namespace atelier
