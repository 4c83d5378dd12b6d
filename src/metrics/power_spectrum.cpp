#include "metrics/power_spectrum.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <unsupported/Eigen/FFT>

#include "metrics/plane.h"

namespace atelier {
namespace {

constexpr int kLargestSide = 128, kSmallestSide = 32;

using Complexes = std::vector<std::complex<double>>;

std::vector<double> hann(int side) {
  std::vector<double> window(static_cast<std::size_t>(side));
  for (std::size_t i = 0; i < window.size(); ++i)
    window[i] = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / side);
  return window;
}

/// Periodograms of tiles, summed.
class Periodogram {
 public:
  explicit Periodogram(int side)
      : side_(side), window_(hann(side)), line_(window_.size()), turned_(window_.size()), grid_(squared(side)) {
    sum_.resize(grid_.size());
  }

  void add(const Plane& plane, int left, int top) {
    double mean = 0;
    for (int y = 0; y < side_; ++y)
      for (int x = 0; x < side_; ++x) mean += plane.at(left + x, top + y);
    mean /= static_cast<double>(grid_.size());
    for (int y = 0; y < side_; ++y) {
      for (int x = 0; x < side_; ++x)
        line_[index(x)] = (plane.at(left + x, top + y) - mean) * window_[index(x)] * window_[index(y)];
      transform();
      std::copy(turned_.begin(), turned_.end(), grid_.begin() + static_cast<std::ptrdiff_t>(index(y) * index(side_)));
    }
    for (int u = 0; u < side_; ++u) {
      for (int y = 0; y < side_; ++y) line_[index(y)] = grid_[index(y) * index(side_) + index(u)];
      transform();
      for (int v = 0; v < side_; ++v) sum_[index(v) * index(side_) + index(u)] += std::norm(turned_[index(v)]);
    }
    ++tiles_;
  }

  PowerSpectrum mean() const {
    double energy = 0;  // of the window along one axis
    for (const double weight : window_) energy += weight * weight;
    PowerSpectrum result{side_, sum_};
    for (double& power : result.power) power /= energy * energy * tiles_;
    return result;
  }

 private:
  static std::size_t index(int i) { return static_cast<std::size_t>(i); }
  static std::size_t squared(int side) { return index(side) * index(side); }
  void transform() { fft_.fwd(turned_, line_); }

  int side_, tiles_ = 0;
  std::vector<double> window_;
  Complexes line_, turned_, grid_;
  std::vector<double> sum_;
  Eigen::FFT<double> fft_;
};

/// Starts of tiles that overlap by about half and cover `length`.
std::vector<int> tile_starts(int length, int side) {
  const int steps = (length - side + side / 2 - 1) / (side / 2);
  std::vector<int> starts = {0};
  for (int i = 1; i <= steps; ++i) starts.push_back((length - side) * i / steps);
  return starts;
}

double decibels(double power) { return 10 * std::log10(power + kRoundingPower); }

}  // namespace

double PowerSpectrum::at(int u, int v) const {
  const int mask = side - 1;
  return power[static_cast<std::size_t>((v & mask) * side + (u & mask))];
}

int spectrum_side(const Image& image) {
  require_measurable(image, "spectrum", kSmallestSide);
  int side = kLargestSide;
  while (side > std::min(image.width, image.height)) side /= 2;
  return side;
}

PowerSpectrum power_spectrum(const Image& image, int side) {
  const int largest = spectrum_side(image);
  if (side == 0) side = largest;
  const Plane luma = luma_of(image);
  Periodogram periodogram(side);
  for (const int top : tile_starts(image.height, side))
    for (const int left : tile_starts(image.width, side)) periodogram.add(luma, left, top);
  return periodogram.mean();
}

std::vector<double> radial_spectrum(const PowerSpectrum& spectrum) {
  const int half = spectrum.side / 2;
  std::vector<double> sum(static_cast<std::size_t>(half));
  std::vector<int> count(sum.size());
  for (int v = -half; v < half; ++v)
    for (int u = -half; u < half; ++u) {
      const auto ring = std::lround(std::hypot(u, v));
      if (ring < 1 || ring > half) continue;
      sum[static_cast<std::size_t>(ring - 1)] += spectrum.at(u, v);
      ++count[static_cast<std::size_t>(ring - 1)];
    }
  for (std::size_t k = 0; k < sum.size(); ++k) sum[k] /= count[k];
  return sum;
}

double spectrum_distance(const Image& a, const Image& b) {
  const int side = std::min(spectrum_side(a), spectrum_side(b));
  const auto of_a = radial_spectrum(power_spectrum(a, side)), of_b = radial_spectrum(power_spectrum(b, side));
  double sum = 0;
  for (std::size_t k = 0; k < of_a.size(); ++k) sum += std::pow(decibels(of_a[k]) - decibels(of_b[k]), 2);
  return std::sqrt(sum / static_cast<double>(of_a.size()));
}

}  // namespace atelier
