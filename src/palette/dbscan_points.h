#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "palette/colour_space.h"

namespace atelier {

/// What dbscan_points() found; the vectors have an entry per point.
struct PointClusters {
  std::vector<std::int32_t> labels;  ///< -1: noise
  std::vector<bool> core;
  std::size_t count = 0;
};

/// DBSCAN on points of which each stands for `weights` equal ones, exactly; numbering and border points as
/// cluster_colours() promises them.
///
/// Points are sorted into cells of side eps/√3 (Gunawan 2013), so that those of one cell are neighbours; the cells
/// within reach are found by 25 cursors that run through the sorted cells together. Memory: about 60 bytes a point.
///
/// @param points      coordinates within ±2^19·eps.
/// @param weights     as many as points, each at least 1; their sum below 2^32.
PointClusters dbscan_points(std::span<const Point3> points, std::span<const std::uint32_t> weights, double eps,
                            std::uint32_t min_points);

}  // namespace atelier
