#pragma once
#include <span>
#include <vector>

#include "palette/colour_clusters.h"

namespace atelier {

/// Pixels of nearly one colour.
struct PixelCategory {
  Rgb8 colour{};  ///< the middle of the category
  std::uint64_t pixels = 0;
};

/// How a picture's pixels spread over 4096 categories: the cubes of 16 × 16 × 16 colours, in the order of the Z curve,
/// so that similar colours stand near each other, from black to white. Empty categories are listed too: place k means
/// the same colours for every picture.
std::vector<PixelCategory> pixel_categories(std::span<const OccupiedColour> colours);

}  // namespace atelier
