#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "atelier/image.h"

namespace atelier {

/// An 8-bit colour: R, G, B (sRGB-encoded), 0 … 255 each.
using Rgb8 = std::array<std::uint8_t, 3>;

/// Label of pixels that belong to no cluster.
inline constexpr std::int32_t kNoise = -1;

/// A colour that occurs in a picture.
struct OccupiedColour {
  Rgb8 rgb{};
  bool core = false;            ///< DBSCAN only: enough pixels lie near it
  std::uint32_t pixels = 0;     ///< how often it occurs, at least 1
  std::int32_t label = kNoise;  ///< its cluster's number, or kNoise
};

/// One cluster of the colours of a picture.
struct ColourCluster {
  std::array<double, 3> mean{};  ///< of its pixels: R, G, B (sRGB-encoded), 0 … 255
  std::uint64_t pixels = 0;
  std::uint32_t colours = 0;  ///< distinct ones
};

/// The colours of a picture in clusters.
struct ColourClusters {
  std::vector<OccupiedColour> colours;  ///< each once, in the order in which the pixels first show them
  std::vector<ColourCluster> clusters;  ///< number k at index k
  std::uint64_t pixels = 0;             ///< of the picture
  std::uint64_t noise = 0;              ///< of them, those in no cluster
};

/// @throws Error unless `rgb` is at least one whole pixel, interleaved R G B, and fewer than 2^32.
void check_pixels(std::span<const std::uint8_t> rgb);

/// The colours of 8-bit pixels, interleaved R G B, each once; labels are not set. Throws as check_pixels().
std::vector<OccupiedColour> count_colours(std::span<const std::uint8_t> rgb);

/// What `image` shows as 8-bit pixels, interleaved R G B, rounded; alpha is passed over.
std::vector<std::uint8_t> to_bytes(const Image& image);

/// Fills clusters, pixels and noise of `result` from its colours' counts and labels.
/// @param count  number of clusters; labels lie below it.
void sum_up(ColourClusters& result, std::size_t count);

/// Numbers the clusters anew, by falling number of pixels.
void sort_by_share(ColourClusters& result);

/// The label of every pixel of `rgb`, whose colours are those that `result` was made from; kNoise for others.
std::vector<std::int32_t> pixel_labels(std::span<const std::uint8_t> rgb, const ColourClusters& result);

}  // namespace atelier
