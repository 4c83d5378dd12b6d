#pragma once
#include <span>

#include "palette/colour_clusters.h"

namespace atelier {

enum class MapColour {
  kLabel,  ///< a colour of its own per cluster, of the hues that lie furthest from each other in a row
  kMean,   ///< the mean colour of its pixels
};

/// The colour that stands for a cluster's number in a map.
Rgb8 label_colour(std::size_t number);

/// A picture that shows to which cluster each pixel belongs; noise is black.
/// @param labels  as pixel_labels() gives them for a picture `width` wide.
Image cluster_map(std::span<const std::int32_t> labels, int width, const ColourClusters& clusters, MapColour colour);

}  // namespace atelier
