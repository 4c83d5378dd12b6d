#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "palette/colour_clusters.h"

namespace atelier {

/// The occupied colours of the 256³ lattice by blocks of 2 × 2 × 2 neighbours: one table entry finds eight colours, and
/// a byte says which of them occur. Within a block a colour is 4·(R mod 2) + 2·(G mod 2) + B mod 2.
///
/// The table has 130³ entries of four bytes (128 blocks a side and an empty rim, so that neighbours need no check);
/// each thread keeps its own for the next picture and empties only the entries that were used.
class ColourBlocks {
 public:
  static constexpr int kSide = 130;

  /// Counts the colours of pixels, interleaved R G B.
  explicit ColourBlocks(std::span<const std::uint8_t> rgb);
  /// From colours that were counted before; their place in the list takes the place of their number.
  explicit ColourBlocks(std::span<const OccupiedColour> colours);
  ~ColourBlocks();
  ColourBlocks(const ColourBlocks&) = delete;
  ColourBlocks& operator=(const ColourBlocks&) = delete;

  struct Block {
    std::uint32_t place = 0;              ///< in the table
    std::array<std::uint32_t, 8> held{};  ///< per colour: its pixels, or its place in the list plus one
  };
  /// In the order of first occurrence. The first one stands for all empty blocks and holds nothing.
  const std::vector<Block>& blocks() const { return blocks_; }

  /// 8·block + colour within the block, for each occupied colour in the order of first occurrence.
  const std::vector<std::uint32_t>& order() const { return order_; }

  /// The table, a block's number at its place; a caller who knows the blocks may put another mark there.
  std::uint32_t at(std::uint32_t place) const { return table_[place]; }
  void mark(std::uint32_t place, std::uint32_t value) { table_[place] = value; }

  /// The numbers of the occupied blocks by rising place: neighbours in the lattice come near each other.
  std::vector<std::uint32_t> by_place() const;

  static std::uint32_t place_of(const std::uint8_t* rgb) {
    return ((rgb[0] / 2U + 1) * kSide + rgb[1] / 2U + 1) * kSide + rgb[2] / 2U + 1;
  }
  static std::uint32_t within(const std::uint8_t* rgb) {
    return (rgb[0] & 1U) << 2 | (rgb[1] & 1U) << 1 | (rgb[2] & 1U);
  }
  Rgb8 colour(std::uint32_t key) const;

 private:
  explicit ColourBlocks(std::size_t most_colours);
  std::uint32_t block_at(std::uint32_t place);

  std::vector<std::uint32_t> table_;
  std::vector<Block> blocks_;
  std::vector<std::uint32_t> order_;
};

}  // namespace atelier
