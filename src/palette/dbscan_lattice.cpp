#include "palette/dbscan_lattice.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "palette/colour_blocks.h"
#include "palette/disjoint_sets.h"

namespace atelier {
namespace {

using Mask = std::uint8_t;  // a set of the eight colours of a block

constexpr std::size_t kDirections = 27, kHere = 13;  // 9·(1+dR) + 3·(1+dG) + 1+dB of a block around; kHere is itself
constexpr std::uint64_t kEvenBytes = 0x00ff00ff00ff00ff, kOnePerLane = 0x0001000100010001;
constexpr std::int32_t kUnset = std::numeric_limits<std::int32_t>::max();

/// Which colours of the blocks around are neighbours of the colours of a block.
struct Reach {
  std::array<std::int32_t, kDirections> step{};          ///< from a block's place in the table to the next one's
  std::array<std::array<Mask, 8>, kDirections> of{};     ///< of one colour
  std::array<std::array<Mask, 256>, kDirections> any{};  ///< of any of a set
  std::array<std::array<std::uint64_t, kDirections>, 8> bytes{};  ///< [colour][direction]: `of`, a byte of ones each

  explicit Reach(double eps_squared) {
    for (std::size_t d = 0; d < kDirections; ++d) {
      const std::array<int, 3> towards{static_cast<int>(d) / 9 - 1, static_cast<int>(d) / 3 % 3 - 1,
                                       static_cast<int>(d) % 3 - 1};
      step[d] = (towards[0] * ColourBlocks::kSide + towards[1]) * ColourBlocks::kSide + towards[2];
      for (int from = 0; from < 8; ++from)
        for (int to = 0; to < 8; ++to)
          if (squared_distance(towards, from, to) <= eps_squared) add(d, from, to);
      for (std::size_t set = 1; set < 256; ++set)
        for (std::size_t from = 0; from < 8; ++from)
          if (set >> from & 1U) any[d][set] |= of[d][from];
    }
  }

 private:
  static int squared_distance(const std::array<int, 3>& towards, int from, int to) {
    int sum = 0;
    for (int axis = 0; axis < 3; ++axis) {
      const int step = 2 * towards[static_cast<std::size_t>(axis)] + (to >> (2 - axis) & 1) - (from >> (2 - axis) & 1);
      sum += step * step;
    }
    return sum;
  }
  void add(std::size_t direction, int from, int to) {
    const auto f = static_cast<std::size_t>(from), t = static_cast<std::size_t>(to);
    of[direction][f] = static_cast<Mask>(of[direction][f] | 1U << t);
    bytes[f][direction] |= std::uint64_t{0xff} << 8 * t;
  }
};

class Lattice {
 public:
  Lattice(std::span<const std::uint8_t> rgb, double eps_squared, std::uint32_t min_points)
      : reach_(eps_squared), min_points_(min_points), colours_(rgb), sets_(colours_.blocks().size()) {
    colours_.sort();
    pack();
    find_cores();
    connect();
    number();
  }

  std::size_t count() const { return count_; }

  ColourClusters result() {
    label_borders();
    ColourClusters found;
    found.colours.reserve(colours_.order().size());
    for (const auto key : colours_.order()) {
      const auto block = key / 8, within = key % 8;
      const bool core = core_[block] >> within & 1U;
      found.colours.push_back({colours_.colour(key), core, colours_.blocks()[block].held[within],
                               core ? number_[sets_.find(block)] : border_[key]});
    }
    sum_up(found, count_);
    return found;
  }

 private:
  std::uint32_t neighbour(std::uint32_t block, std::size_t direction) const {
    return colours_.at(colours_.blocks()[block].place + static_cast<std::uint32_t>(reach_.step[direction]));
  }

  /// Counts, cut at min_points, in a byte each: they decide whether a colour is core as well as the full ones.
  void pack() {
    const auto& blocks = colours_.blocks();
    packed_.resize(blocks.size());
    occupied_.resize(blocks.size());
    totals_.resize(blocks.size());
    for (std::size_t i = 1; i < blocks.size(); ++i)
      for (std::size_t c = 0; c < 8; ++c) {
        const auto pixels = std::min(blocks[i].held[c], min_points_);
        packed_[i] |= std::uint64_t{pixels} << 8 * c;
        totals_[i] += pixels;
        occupied_[i] = static_cast<Mask>(occupied_[i] | (pixels > 0 ? 1U : 0U) << c);
      }
  }

  void find_cores() {
    core_.resize(packed_.size());
    for (std::uint32_t i = 1; i < packed_.size(); ++i)
      core_[i] = totals_[i] >= min_points_ ? occupied_[i] : sparse_cores(i);
  }

  /// The core colours of a block that holds fewer than min_points pixels itself.
  Mask sparse_cores(std::uint32_t block) const {
    std::array<std::uint32_t, kDirections> around;
    std::uint32_t sum = 0;
    for (std::size_t d = 0; d < kDirections; ++d) {
      around[d] = neighbour(block, d);
      sum += totals_[around[d]];
    }
    if (sum < min_points_) return 0;
    std::array<std::uint64_t, kDirections> packed;
    std::array<std::size_t, kDirections> direction;
    std::size_t count = 0;
    for (std::size_t d = 0; d < kDirections; ++d) {  // without branches, which nothing could foretell
      packed[count] = packed_[around[d]];
      direction[count] = d;
      count += around[d] > 0 ? 1 : 0;
    }
    unsigned set = 0;
    for (unsigned left = occupied_[block]; left > 0; left &= left - 1) {
      const auto colour = static_cast<unsigned>(std::countr_zero(left));
      std::uint64_t sums = 0;  // four of 16 bits, none above 27 · 2 · 255
      for (std::size_t n = 0; n < count; ++n) {
        const auto reached = packed[n] & reach_.bytes[colour][direction[n]];
        sums += (reached & kEvenBytes) + (reached >> 8 & kEvenBytes);
      }
      if ((sums * kOnePerLane >> 48) >= min_points_) set |= 1U << colour;
    }
    return static_cast<Mask>(set);
  }

  void connect() {
    for (std::uint32_t block = 1; block < core_.size(); ++block) {
      if (core_[block] == 0) continue;
      for (std::size_t d = 0; d < kHere; ++d) {  // the other half is the neighbour's business
        const auto other = neighbour(block, d);
        if (reach_.any[d][core_[block]] & core_[other]) sets_.unite(block, other);
      }
    }
  }

  /// Clusters count in the order of their first core pixel.
  void number() {
    number_.assign(core_.size(), kNoise);
    for (const auto key : colours_.order()) {
      if (!(core_[key / 8] >> (key % 8) & 1U)) continue;
      auto& number = number_[sets_.find(key / 8)];
      if (number == kNoise) number = static_cast<std::int32_t>(count_++);
    }
  }

  void label_borders() {
    border_.assign(core_.size() * 8, kNoise);
    for (std::uint32_t block = 1; block < core_.size(); ++block) {
      const auto open = static_cast<Mask>(occupied_[block] & ~core_[block]);
      if (open == 0) continue;
      std::array<std::int32_t, 8> lowest;
      lowest.fill(kUnset);
      for (std::size_t d = 0; d < kDirections; ++d) {
        const auto other = neighbour(block, d);
        if (!(reach_.any[d][open] & core_[other])) continue;
        const auto number = number_[sets_.find(other)];
        for (std::size_t c = 0; c < 8; ++c)
          if (reach_.of[d][c] & core_[other]) lowest[c] = std::min(lowest[c], number);
      }
      for (std::size_t c = 0; c < 8; ++c)
        if (lowest[c] != kUnset) border_[block * 8 + c] = lowest[c];
    }
  }

  const Reach reach_;
  const std::uint32_t min_points_;
  ColourBlocks colours_;
  DisjointSets sets_;                  // of blocks
  std::vector<std::uint64_t> packed_;  // per block, as the next three
  std::vector<std::uint32_t> totals_;
  std::vector<Mask> occupied_, core_;
  std::vector<std::int32_t> number_;  // of the cluster, at the block that stands for it
  std::vector<std::int32_t> border_;  // per 8·block + colour that is no core
  std::size_t count_ = 0;
};

}  // namespace

bool fits_lattice(double eps_squared, int min_points) {
  return eps_squared >= 3 && eps_squared < 9 && min_points <= 255;
}

ColourClusters dbscan_lattice(std::span<const std::uint8_t> rgb, double eps_squared, std::uint32_t min_points) {
  return Lattice(rgb, eps_squared, min_points).result();
}

std::size_t count_lattice_clusters(std::span<const std::uint8_t> rgb, double eps_squared, std::uint32_t min_points) {
  return Lattice(rgb, eps_squared, min_points).count();
}

}  // namespace atelier
