#include "palette/colour_blocks.h"

#include <numeric>
#include <utility>

namespace atelier {
namespace {

/// The table of this thread while no ColourBlocks uses it, all zeros.
thread_local std::vector<std::uint32_t> spare_table;

std::vector<std::uint32_t> take_table() {
  auto table = std::exchange(spare_table, {});
  table.resize(static_cast<std::size_t>(ColourBlocks::kSide) * ColourBlocks::kSide * ColourBlocks::kSide);
  return table;
}

}  // namespace

ColourBlocks::ColourBlocks(std::span<const std::uint8_t> rgb) : table_(take_table()) {
  for (std::size_t i = 0; i + 2 < rgb.size(); i += 3) {
    const auto block = block_of(&rgb[i]), colour = within(&rgb[i]);
    if (blocks_[block].held[colour]++ == 0) order_.push_back(block * 8 + colour);
  }
}

ColourBlocks::ColourBlocks(std::span<const OccupiedColour> colours) : table_(take_table()) {
  for (std::size_t i = 0; i < colours.size(); ++i) {
    const auto* rgb = colours[i].rgb.data();
    blocks_[block_of(rgb)].held[within(rgb)] = static_cast<std::uint32_t>(i + 1);
  }
}

ColourBlocks::~ColourBlocks() {
  for (const Block& block : blocks_) table_[block.place] = 0;
  spare_table = std::move(table_);
}

std::uint32_t ColourBlocks::block_of(const std::uint8_t* rgb) {
  const auto place = place_of(rgb);
  if (table_[place] == 0) {
    table_[place] = static_cast<std::uint32_t>(blocks_.size());
    blocks_.push_back({place, {}});
  }
  return table_[place];
}

void ColourBlocks::sort() {
  constexpr int kDigit = 11;  // two passes for the 22 bits of a place
  std::vector<std::uint32_t> old(blocks_.size() - 1), sorted(old.size());
  std::iota(old.begin(), old.end(), 1U);
  for (const int shift : {0, kDigit}) {
    const auto digit = [&](std::uint32_t block) { return blocks_[block].place >> shift & ((1U << kDigit) - 1); };
    std::array<std::uint32_t, (1U << kDigit) + 1> start{};
    for (const auto block : old) ++start[digit(block) + 1];
    std::partial_sum(start.begin(), start.end(), start.begin());
    for (const auto block : old) sorted[start[digit(block)]++] = block;
    old.swap(sorted);
  }
  std::vector<Block> blocks(1);
  blocks.reserve(blocks_.size());
  for (const auto block : old) {
    table_[blocks_[block].place] = static_cast<std::uint32_t>(blocks.size());
    blocks.push_back(blocks_[block]);
  }
  for (auto& key : order_) key = table_[blocks_[key / 8].place] * 8 + key % 8;
  blocks_ = std::move(blocks);
}

Rgb8 ColourBlocks::colour(std::uint32_t key) const {
  const auto place = blocks_[key / 8].place;
  const auto channel = [key](std::uint32_t block, int bit) {
    return static_cast<std::uint8_t>(2 * (block - 1) + (key >> bit & 1U));
  };
  return {channel(place / (kSide * kSide), 2), channel(place / kSide % kSide, 1), channel(place % kSide, 0)};
}

}  // namespace atelier
