#include "palette/colour_blocks.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace atelier {
namespace {

constexpr std::size_t kMostBlocks = 128 * 128 * 128;

/// The table of this thread while no ColourBlocks uses it, all zeros.
thread_local std::vector<std::uint32_t> spare_table;

}  // namespace

/// Room is taken for the worst case: the system gives memory only to what is written.
ColourBlocks::ColourBlocks(std::size_t most_colours) : table_(std::exchange(spare_table, {})) {
  table_.resize(static_cast<std::size_t>(kSide) * kSide * kSide);
  blocks_.reserve(std::min(most_colours, kMostBlocks) + 1);
  blocks_.emplace_back();
}

ColourBlocks::ColourBlocks(std::span<const std::uint8_t> rgb) : ColourBlocks(rgb.size() / 3) {
  order_.reserve(std::min(rgb.size() / 3, 8 * kMostBlocks));
  for (std::size_t i = 0; i + 2 < rgb.size(); i += 3) {
    const auto block = block_at(place_of(&rgb[i])), colour = within(&rgb[i]);
    if (blocks_[block].held[colour]++ == 0) order_.push_back(block * 8 + colour);
  }
}

ColourBlocks::ColourBlocks(std::span<const OccupiedColour> colours) : ColourBlocks(colours.size()) {
  for (std::size_t i = 0; i < colours.size(); ++i) {
    const auto* rgb = colours[i].rgb.data();
    blocks_[block_at(place_of(rgb))].held[within(rgb)] = static_cast<std::uint32_t>(i + 1);
  }
}

ColourBlocks::~ColourBlocks() {
  for (const Block& block : blocks_) table_[block.place] = 0;
  spare_table = std::move(table_);
}

inline std::uint32_t ColourBlocks::block_at(std::uint32_t place) {
  auto& block = table_[place];
  if (block == 0) {
    block = static_cast<std::uint32_t>(blocks_.size());
    blocks_.emplace_back().place = place;
  }
  return block;
}

std::vector<std::uint32_t> ColourBlocks::by_place() const {
  constexpr int kDigit = 11;  // two passes for the 22 bits of a place
  std::vector<std::uint32_t> from(blocks_.size() - 1), to(from.size());
  std::iota(from.begin(), from.end(), 1U);
  for (const int shift : {0, kDigit}) {
    const auto digit = [&](std::uint32_t block) { return blocks_[block].place >> shift & ((1U << kDigit) - 1); };
    std::array<std::uint32_t, (1U << kDigit) + 1> start{};
    for (const auto block : from) ++start[digit(block) + 1];
    std::partial_sum(start.begin(), start.end(), start.begin());
    for (const auto block : from) to[start[digit(block)]++] = block;
    from.swap(to);
  }
  return from;
}

Rgb8 ColourBlocks::colour(std::uint32_t key) const {
  const auto place = blocks_[key / 8].place;
  const auto channel = [key](std::uint32_t block, int bit) {
    return static_cast<std::uint8_t>(2 * (block - 1) + (key >> bit & 1U));
  };
  return {channel(place / (kSide * kSide), 2), channel(place / kSide % kSide, 1), channel(place % kSide, 0)};
}

}  // namespace atelier
