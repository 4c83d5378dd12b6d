#pragma once
#include <array>
#include <cstdint>
#include <vector>

namespace atelier {

/// A place in the cube of colours: R, G, B from 0 to 255, not rounded.
using ColourPoint = std::array<double, 3>;

double squared_distance(const ColourPoint& a, const ColourPoint& b);

/// Finds the nearest of some places in the cube of colours, by buckets of 16 levels.
class NearestColour {
 public:
  struct Found {
    std::size_t index = 0;  ///< in the order in which the places were added
    double squared = 0;     ///< distance; infinite when there is no place at all
  };

  /// Coordinates beyond 0 … 255 count as on the rim for the buckets, not for distances.
  void add(const ColourPoint& place);
  Found find(const ColourPoint& from) const;
  bool empty() const { return places_.empty(); }
  const std::vector<ColourPoint>& places() const { return places_; }

 private:
  static constexpr int kBuckets = 16;
  static int bucket(double level);
  void look(int r, int g, int b, const ColourPoint& from, Found& best) const;
  void look_at_shell(const std::array<int, 3>& middle, int reach, const ColourPoint& from, Found& best) const;

  std::vector<ColourPoint> places_;
  std::vector<std::vector<std::uint32_t>> buckets_ =
      std::vector<std::vector<std::uint32_t>>(kBuckets * kBuckets * kBuckets);
};

}  // namespace atelier
