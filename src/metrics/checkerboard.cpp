#include "metrics/checkerboard.h"

#include <algorithm>
#include <cmath>

#include "metrics/plane.h"
#include "metrics/power_spectrum.h"

namespace atelier {
namespace {

constexpr int kShortestSide = 64;           // eight steps from one frequency of the grid to the next
constexpr int kNearest = 3, kFarthest = 6;  // the Hann window spreads a peak over ±1 step

double neighbours(const PowerSpectrum& spectrum, int u, int v) {
  const int farthest = std::min(kFarthest, spectrum.side / 16);
  double row = 0, column = 0;
  for (int d = kNearest; d <= farthest; ++d) {
    row += spectrum.at(u - d, v) + spectrum.at(u + d, v);
    column += spectrum.at(u, v - d) + spectrum.at(u, v + d);
  }
  return std::max(row, column) / (2 * (farthest - kNearest + 1));
}

double excess(const PowerSpectrum& spectrum, int period) {
  const int step = spectrum.side / period;
  double peaks = 0, around = 0;
  for (int j = 0; j < period; ++j)
    for (int i = 0; i < period; ++i) {
      const bool coarser = i % 2 == 0 && j % 2 == 0;  // of the grid of half the period, or the mean
      if (coarser) continue;
      peaks += spectrum.at(i * step, j * step) + kRoundingPower;
      around += neighbours(spectrum, i * step, j * step) + kRoundingPower;
    }
  return 10 * std::log10(peaks / around);
}

}  // namespace

double Checkerboard::worst() const { return std::max({period2, period4, period8}); }

Checkerboard checkerboard(const Image& image) {
  require_measurable(image, "checkerboard", kShortestSide);
  const auto spectrum = power_spectrum(image);
  return {excess(spectrum, 2), excess(spectrum, 4), excess(spectrum, 8)};
}

}  // namespace atelier
