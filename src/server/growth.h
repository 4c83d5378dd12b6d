#pragma once
#include <set>
#include <vector>

#include "server/patches.h"

namespace atelier::server {

/// The patches that belong together with `seed`. The region grows by the neighbour that looks most like it (seeded
/// region growing: Adams and Bischof, PAMI 1994). Of all its stages that one is taken whose border stands out most from
/// what was crossed inside (after the contrast measures of Hojjatoleslami and Kittler, "Region growing: a new
/// approach", IEEE TIP 1998), and which has not drifted away from how it looked at first.
/// @param closed  patches that it never enters.
std::vector<bool> grown_region(const Patches& patches, int seed, const std::set<int>& closed);

}  // namespace atelier::server
