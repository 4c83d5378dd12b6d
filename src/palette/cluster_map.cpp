#include "palette/cluster_map.h"

#include <algorithm>
#include <cmath>

namespace atelier {
namespace {

/// A channel of HSV with full hue circle 1 (Smith 1978); `offset` is 5, 3, 1 for R, G, B.
std::uint8_t channel(double offset, double hue, double saturation, double value) {
  const double k = std::fmod(offset + 6 * hue, 6.0);
  const double level = value - value * saturation * std::clamp(std::min(k, 4 - k), 0.0, 1.0);
  return static_cast<std::uint8_t>(std::lround(255 * level));
}

}  // namespace

Rgb8 label_colour(std::size_t number) {
  constexpr double kGolden = 0.6180339887498949;  // a step that never comes near an earlier hue soon
  const double hue = std::fmod(0.58 + kGolden * static_cast<double>(number), 1.0);
  const double saturation = number % 3 == 1 ? 0.45 : 0.75, value = number % 3 == 2 ? 0.6 : 0.92;
  return {channel(5, hue, saturation, value), channel(3, hue, saturation, value), channel(1, hue, saturation, value)};
}

Image cluster_map(std::span<const std::int32_t> labels, int width, const ColourClusters& clusters, MapColour colour) {
  std::vector<std::array<float, 3>> colours;
  for (std::size_t k = 0; k < clusters.clusters.size(); ++k) {
    const auto label = label_colour(k);
    auto& shown = colours.emplace_back();
    for (std::size_t c = 0; c < 3; ++c)
      shown[c] = static_cast<float>(colour == MapColour::kMean ? clusters.clusters[k].mean[c] : label[c]) / 255;
  }
  Image map;
  map.width = width;
  map.height = static_cast<int>(labels.size() / static_cast<std::size_t>(width));
  map.rgb.assign(3 * labels.size(), 0.F);
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] != kNoise) std::copy_n(colours[static_cast<std::size_t>(labels[i])].begin(), 3, &map.rgb[3 * i]);
  return map;
}

}  // namespace atelier
