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
  /// The first one stands for all empty blocks and holds nothing.
  const std::vector<Block>& blocks() const { return blocks_; }

  /// 8·block + colour within the block, for each occupied colour in the order of first occurrence.
  const std::vector<std::uint32_t>& order() const { return order_; }

  /// The number of the block at a place of the table.
  std::uint32_t at(std::uint32_t place) const { return table_[place]; }

  /// Numbers the blocks by their places, so that those near each other in the lattice are near in memory.
  void sort();

  static std::uint32_t place_of(const std::uint8_t* rgb) {
    return ((rgb[0] / 2U + 1) * kSide + rgb[1] / 2U + 1) * kSide + rgb[2] / 2U + 1;
  }
  static std::uint32_t within(const std::uint8_t* rgb) {
    return (rgb[0] & 1U) << 2 | (rgb[1] & 1U) << 1 | (rgb[2] & 1U);
  }
  Rgb8 colour(std::uint32_t key) const;

 private:
  std::uint32_t block_of(const std::uint8_t* rgb);

  std::vector<std::uint32_t> table_;
  std::vector<Block> blocks_{1};
  std::vector<std::uint32_t> order_;
};

}  // namespace atelier
