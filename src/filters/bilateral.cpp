#include "filters/bilateral.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace atelier {
namespace {

/// exp(−x) for x in [0, 8), by table; beyond that a weight does not matter.
class Falling {
 public:
  Falling() {
    for (std::size_t i = 0; i < table_.size(); ++i) table_[i] = std::exp(-(static_cast<float>(i) + 0.5F) / kPerUnit);
  }
  float operator()(float x) const {
    const auto place = static_cast<std::size_t>(x * kPerUnit);
    return place < table_.size() ? table_[place] : 0;
  }

 private:
  static constexpr float kPerUnit = 256;
  std::array<float, 2048> table_{};
};

/// One pass along lines of `count` pixels that lie `step` pixels apart in memory.
void smooth_line(const float* from, float* to, int count, std::ptrdiff_t step, const BilateralOptions& options) {
  static const Falling kFalling;
  const int radius = static_cast<int>(std::ceil(2 * options.sigma_space));
  const auto space = static_cast<float>(0.5 / (options.sigma_space * options.sigma_space));
  const auto colour = static_cast<float>(0.5 / (options.sigma_colour * options.sigma_colour));
  for (int i = 0; i < count; ++i) {
    const float* centre = from + 3 * i * step;
    std::array<float, 3> sum{};
    float total = 0;
    for (int j = std::max(i - radius, 0); j <= std::min(i + radius, count - 1); ++j) {
      const float* other = from + 3 * j * step;
      const float r = other[0] - centre[0], g = other[1] - centre[1], b = other[2] - centre[2];
      const auto away = static_cast<float>((j - i) * (j - i));
      const float weight = kFalling(away * space + (r * r + g * g + b * b) * colour);
      for (std::size_t c = 0; c < 3; ++c) sum[c] += weight * other[c];
      total += weight;
    }
    for (std::size_t c = 0; c < 3; ++c) to[3 * i * step + static_cast<std::ptrdiff_t>(c)] = sum[c] / total;
  }
}

}  // namespace

Image bilateral(const Image& image, const BilateralOptions& options) {
  Image result = image;
  std::vector<float> across(image.rgb.size());
  for (int round = 0; round < options.rounds; ++round) {
    for (int y = 0; y < image.height; ++y) {
      const auto row = 3 * static_cast<std::ptrdiff_t>(y) * image.width;
      smooth_line(result.rgb.data() + row, across.data() + row, image.width, 1, options);
    }
    for (int x = 0; x < image.width; ++x)
      smooth_line(across.data() + 3 * x, result.rgb.data() + 3 * x, image.height, image.width, options);
  }
  return result;
}

}  // namespace atelier
