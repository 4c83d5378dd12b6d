#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "palette/dbscan.h"
#include "palette/nearest_colour.h"

namespace atelier {

/// Where a colour of a picture should go.
struct ColourMove {
  Rgb8 from{};
  ColourPoint to{};  ///< within 0 … 255
};

/// A cluster whose pixels should part into several, since it is too narrow to tell by colour which should go where.
struct ColourSpread {
  std::vector<Rgb8> from;       ///< the cluster's colours, sorted
  std::vector<ColourPoint> to;  ///< where the pixels should go, about as many to each: sorted by luma, darkest first
};

/// What would bring the number of DBSCAN's colour clusters to a wanted one.
struct ColourMoves {
  std::size_t count = 0;          ///< clusters now
  std::vector<ColourMove> moves;  ///< colours that should move, sorted by `from`; none when the count is as wanted
  ColourSpread spread;            ///< empty but where clusters are missing and nothing else helps
};

/// The colours of a picture that should move, and where to, so that cluster_colours() finds `wanted` clusters. Small
/// movements are preferred: a picture changes as little as the number allows.
///
/// - Too many clusters: the `wanted` largest stay; each of the others is shifted as a whole along the shortest way from
///   one of its core colours to a core colour of one that stays, with which it then is one cluster.
/// - Too few: as many new clusters as are missing condense out of what lies between: noise, and clusters wider than
///   4 eps. Places are the means of cells of the lattice of side 4 eps (of 2.5 eps when those do not suffice), the most
///   populated first, that keep a distance to each other and to the clusters that stay as they are; all such colours
///   within 2.75 eps of a place go there, which leaves an empty shell around it.
/// - Too few, and nothing lies between (a flat picture): the largest cluster parts, onto a lattice of side 2 eps around
///   its mean, as `spread` says. Which pixel goes where is left to the caller, who may know more than 8 bits of it.
///
/// A picture holds at most about one cluster per 2 · min_points pixels in this way; beyond that the moves lead to as
/// many as there can be. A wanted number of 0 counts as 1.
///
/// Own design (the paper that defines a number of colours by DBSCAN as a loss has no gradient for it); 1 to 10 ms for a
/// picture of 128 × 128 pixels.
///
/// @param rgb  interleaved R G B, 0 … 255.
/// @throws Error as cluster_colours(), or when distances are not measured in RGB.
ColourMoves colour_moves(std::span<const std::uint8_t> rgb, std::size_t wanted, const DbscanOptions& options = {});

}  // namespace atelier
