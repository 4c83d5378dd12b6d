#include "palette/nearest_colour.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace atelier {
namespace {

constexpr double kBucketLevels = 16;

}  // namespace

double squared_distance(const ColourPoint& a, const ColourPoint& b) {
  double sum = 0;
  for (std::size_t c = 0; c < 3; ++c) sum += (a[c] - b[c]) * (a[c] - b[c]);
  return sum;
}

int NearestColour::bucket(double level) {
  return std::clamp(static_cast<int>(std::floor(level / kBucketLevels)), 0, kBuckets - 1);
}

void NearestColour::add(const ColourPoint& place) {
  const auto at = (bucket(place[0]) * kBuckets + bucket(place[1])) * kBuckets + bucket(place[2]);
  buckets_[static_cast<std::size_t>(at)].push_back(static_cast<std::uint32_t>(places_.size()));
  places_.push_back(place);
}

void NearestColour::look(int r, int g, int b, const ColourPoint& from, Found& best) const {
  if (std::min({r, g, b}) < 0 || std::max({r, g, b}) >= kBuckets) return;
  for (const auto index : buckets_[static_cast<std::size_t>((r * kBuckets + g) * kBuckets + b)])
    if (const auto squared = squared_distance(places_[index], from); squared < best.squared) best = {index, squared};
}

void NearestColour::look_at_shell(const std::array<int, 3>& middle, int reach, const ColourPoint& from,
                                  Found& best) const {
  for (int r = -reach; r <= reach; ++r)
    for (int g = -reach; g <= reach; ++g) {
      const bool rim = std::abs(r) == reach || std::abs(g) == reach;
      for (int b = -reach; b <= reach; b += rim || reach == 0 ? 1 : 2 * reach)
        look(middle[0] + r, middle[1] + g, middle[2] + b, from, best);
    }
}

NearestColour::Found NearestColour::find(const ColourPoint& from) const {
  Found best{0, std::numeric_limits<double>::infinity()};
  if (empty()) return best;
  const std::array<int, 3> middle = {bucket(from[0]), bucket(from[1]), bucket(from[2])};
  // What a shell of buckets leaves out is at least reach · 16 levels away.
  for (int reach = 0; reach < kBuckets; ++reach) {
    look_at_shell(middle, reach, from, best);
    if (best.squared <= std::pow(reach * kBucketLevels, 2)) break;
  }
  return best;
}

}  // namespace atelier
