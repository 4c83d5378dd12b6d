#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "palette/colour_clusters.h"

namespace atelier {

/// Whether dbscan_lattice() can serve: 3 ≤ eps² < 9, so that the eight colours of a block of 2 × 2 × 2 are neighbours
/// of each other and all other neighbours lie in the 26 blocks around; and min_points ≤ 255, so that counts fit bytes.
bool fits_lattice(double eps_squared, int min_points);

/// DBSCAN on the colours of pixels by blocks of 2 × 2 × 2 colours, as cluster_colours() promises it.
///
/// A block with min_points pixels is all core, without a look around; the core colours of a block are connected; and
/// whether two blocks are is one look into a table of the 2⁸ sets of core colours: the grid of side eps/√3 of Gunawan
/// (2013), which on the colour lattice has only eight places in a cell.
ColourClusters dbscan_lattice(std::span<const std::uint8_t> rgb, double eps_squared, std::uint32_t min_points);

/// The number of clusters alone.
std::size_t count_lattice_clusters(std::span<const std::uint8_t> rgb, double eps_squared, std::uint32_t min_points);

}  // namespace atelier
