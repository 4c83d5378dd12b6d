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

/// Blocks are known here by their rank: their number by rising place, from 1.
class Lattice {
 public:
  Lattice(std::span<const std::uint8_t> rgb, double eps_squared, std::uint32_t min_points)
      : reach_(eps_squared), min_points_(min_points), colours_(rgb), sets_(colours_.blocks().size()) {
    rank();
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
      const auto block = ranks_[key / 8], within = key % 8;
      const bool core = core_[block] >> within & 1U;
      found.colours.push_back({colours_.colour(key), core, colours_.blocks()[key / 8].held[within],
                               core ? number_[sets_.find(block)] : border_[block][within]});
    }
    sum_up(found, count_);
    return found;
  }

 private:
  /// What the table holds: a block's rank and, above it, its number of pixels cut at min_points.
  static constexpr int kRankBits = 22;
  static constexpr std::uint32_t kRank = (1U << kRankBits) - 1;

  std::uint32_t entry(std::uint32_t block, std::size_t direction) const {
    return colours_.at(places_[block] + static_cast<std::uint32_t>(reach_.step[direction]));
  }

  void rank() {
    const auto& blocks = colours_.blocks();
    for (auto* list : {&ranks_, &places_}) list->resize(blocks.size());
    packed_.resize(blocks.size());
    core_.resize(blocks.size());
    std::uint32_t next = 0;
    for (const auto number : colours_.by_place()) {
      const auto& block = blocks[number];
      ranks_[number] = ++next;
      places_[next] = block.place;
      std::uint32_t total = 0;
      for (std::size_t c = 0; c < 8; ++c) {
        const auto pixels = std::min(block.held[c], min_points_);
        packed_[next] |= std::uint64_t{pixels} << 8 * c;
        total += pixels;
      }
      colours_.mark(block.place, next | std::min(total, min_points_) << kRankBits);
    }
  }

  Mask occupied(std::uint32_t block) const {
    unsigned set = 0;
    for (unsigned c = 0; c < 8; ++c) set |= (packed_[block] >> 8 * c & 0xff ? 1U : 0U) << c;
    return static_cast<Mask>(set);
  }

  void find_cores() {
    for (std::uint32_t block = 1; block < core_.size(); ++block)
      core_[block] = entry(block, kHere) >> kRankBits >= min_points_ ? occupied(block) : sparse_cores(block);
  }

  /// The core colours of a block that holds fewer than min_points pixels itself.
  Mask sparse_cores(std::uint32_t block) const {
    std::array<std::uint32_t, kDirections> around;
    std::array<std::size_t, kDirections> direction;
    std::size_t count = 0;
    std::uint32_t pixels = 0;
    for (std::size_t d = 0; d < kDirections; ++d) {  // without branches, which nothing could foretell
      const auto found = entry(block, d);
      around[count] = found & kRank;
      direction[count] = d;
      count += found > 0 ? 1 : 0;
      pixels += found >> kRankBits;
    }
    if (pixels < min_points_) return 0;
    unsigned set = 0;
    for (unsigned left = occupied(block); left > 0; left &= left - 1) {
      const auto colour = static_cast<unsigned>(std::countr_zero(left));
      std::uint64_t sums = 0;  // four of 16 bits, none above 27 · 2 · 255
      for (std::size_t n = 0; n < count; ++n) {
        const auto reached = packed_[around[n]] & reach_.bytes[colour][direction[n]];
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
        const auto other = entry(block, d) & kRank;
        if (reach_.any[d][core_[block]] & core_[other]) sets_.unite(block, other);
      }
    }
  }

  /// Clusters count in the order of their first core pixel.
  void number() {
    number_.assign(core_.size(), kNoise);
    for (const auto key : colours_.order()) {
      const auto block = ranks_[key / 8];
      if (!(core_[block] >> (key % 8) & 1U)) continue;
      auto& number = number_[sets_.find(block)];
      if (number == kNoise) number = static_cast<std::int32_t>(count_++);
    }
  }

  void label_borders() {
    border_.resize(core_.size());
    for (std::uint32_t block = 1; block < core_.size(); ++block) {
      const auto open = static_cast<Mask>(occupied(block) & ~core_[block]);
      if (open == 0) continue;
      auto& lowest = border_[block];
      lowest.fill(kUnset);
      for (std::size_t d = 0; d < kDirections; ++d) {
        const auto other = entry(block, d) & kRank;
        if (!(reach_.any[d][open] & core_[other])) continue;
        const auto number = number_[sets_.find(other)];
        for (std::size_t c = 0; c < 8; ++c)
          if (reach_.of[d][c] & core_[other]) lowest[c] = std::min(lowest[c], number);
      }
      std::replace(lowest.begin(), lowest.end(), kUnset, kNoise);
    }
  }

  const Reach reach_;
  const std::uint32_t min_points_;
  ColourBlocks colours_;
  std::vector<std::uint32_t> ranks_;   // by the number of a block in colours_
  DisjointSets sets_;                  // of ranks; all that follows is by rank
  std::vector<std::uint32_t> places_;  // in the table
  std::vector<std::uint64_t> packed_;  // a byte per colour: its pixels cut at min_points, which decide as well
  std::vector<Mask> core_;
  std::vector<std::int32_t> number_;                 // of the cluster, at the block that stands for it
  std::vector<std::array<std::int32_t, 8>> border_;  // labels of colours that are no core
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
