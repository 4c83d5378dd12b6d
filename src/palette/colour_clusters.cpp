#include "palette/colour_clusters.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "atelier/error.h"
#include "palette/colour_blocks.h"

namespace atelier {

std::vector<OccupiedColour> count_colours(std::span<const std::uint8_t> rgb) {
  check_pixels(rgb);
  const ColourBlocks blocks(rgb);
  std::vector<OccupiedColour> colours;
  colours.reserve(blocks.order().size());
  for (const auto key : blocks.order())
    colours.push_back({.rgb = blocks.colour(key), .pixels = blocks.blocks()[key / 8].held[key % 8]});
  return colours;
}

void check_pixels(std::span<const std::uint8_t> rgb) {
  require(!rgb.empty() && rgb.size() % 3 == 0, "there are no whole RGB pixels to count; give a picture");
  require(rgb.size() / 3 <= std::numeric_limits<std::uint32_t>::max(), "the picture is too large; make it smaller");
}

std::vector<std::uint8_t> to_bytes(const Image& image) {
  std::vector<std::uint8_t> bytes(image.rgb.size());
  std::transform(image.rgb.begin(), image.rgb.end(), bytes.begin(), [](float value) {
    return static_cast<std::uint8_t>(value > 0 ? std::min(value, 1.f) * 255 + 0.5f : 0.f);
  });
  return bytes;
}

void sum_up(ColourClusters& result, std::size_t count) {
  result.clusters.assign(count, {});
  result.pixels = result.noise = 0;
  for (const auto& colour : result.colours) {
    result.pixels += colour.pixels;
    if (colour.label == kNoise) {
      result.noise += colour.pixels;
      continue;
    }
    auto& cluster = result.clusters[static_cast<std::size_t>(colour.label)];
    cluster.pixels += colour.pixels;
    ++cluster.colours;
    for (std::size_t c = 0; c < 3; ++c) cluster.mean[c] += static_cast<double>(colour.pixels) * colour.rgb[c];
  }
  for (auto& cluster : result.clusters)
    for (auto& channel : cluster.mean) channel /= static_cast<double>(std::max<std::uint64_t>(cluster.pixels, 1));
}

void sort_by_share(ColourClusters& result) {
  std::vector<std::size_t> order(result.clusters.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return result.clusters[a].pixels > result.clusters[b].pixels; });
  std::vector<std::int32_t> number(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) number[order[i]] = static_cast<std::int32_t>(i);
  for (auto& colour : result.colours)
    if (colour.label != kNoise) colour.label = number[static_cast<std::size_t>(colour.label)];
  sum_up(result, order.size());
}

std::vector<std::int32_t> pixel_labels(std::span<const std::uint8_t> rgb, const ColourClusters& result) {
  const ColourBlocks blocks(result.colours);
  std::vector<std::int32_t> labels(rgb.size() / 3, kNoise);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto& block = blocks.blocks()[blocks.at(ColourBlocks::place_of(&rgb[3 * i]))];
    const auto colour = block.held[ColourBlocks::within(&rgb[3 * i])];
    if (colour > 0) labels[i] = result.colours[colour - 1].label;
  }
  return labels;
}

}  // namespace atelier
