#include "tensor/free_ranges.h"

#include <iterator>

namespace atelier {
namespace {

using Sizes = std::map<std::byte*, std::size_t>;

/// Gives a stretch another beginning and the same end, between the same neighbours, without new memory.
void begin_at(Sizes& sizes, Sizes::iterator at, std::byte* begin) {
  const auto end = at->first + at->second;
  const auto next = std::next(at);
  auto node = sizes.extract(at);
  node.key() = begin;
  node.mapped() = static_cast<std::size_t>(end - begin);
  sizes.insert(next, std::move(node));
}

}  // namespace

void FreeRanges::add(const AddressRange& range) {
  const auto after = sizes_.lower_bound(range.begin);
  const auto before = after == sizes_.begin() ? sizes_.end() : std::prev(after);
  const bool follows = before != sizes_.end() && before->first + before->second == range.begin;
  const bool precedes = after != sizes_.end() && after->first == range.end();
  if (follows) {
    before->second += range.size;
    if (precedes) {
      before->second += after->second;
      sizes_.erase(after);
    }
  } else if (precedes) {
    begin_at(sizes_, after, range.begin);
  } else {
    sizes_.emplace_hint(after, range.begin, range.size);
  }
  bytes_ += range.size;
}

std::byte* FreeRanges::take(std::size_t size) {
  auto smallest = sizes_.end();
  for (auto at = sizes_.begin(); at != sizes_.end(); ++at)
    if (at->second >= size && (smallest == sizes_.end() || at->second < smallest->second)) smallest = at;
  if (smallest == sizes_.end()) return nullptr;
  auto* const begin = smallest->first;
  if (smallest->second == size)
    sizes_.erase(smallest);
  else
    begin_at(sizes_, smallest, begin + size);
  bytes_ -= size;
  return begin;
}

AddressRange FreeRanges::take_from(std::byte* from) {
  const auto at = std::prev(sizes_.upper_bound(from));
  const auto before = static_cast<std::size_t>(from - at->first);
  const AddressRange taken{from, at->second - before};
  if (before == 0)
    sizes_.erase(at);
  else
    at->second = before;
  bytes_ -= taken.size;
  return taken;
}

AddressRange FreeRanges::largest() const {
  AddressRange largest;
  for (const auto& [begin, size] : sizes_)
    if (size > largest.size) largest = {begin, size};
  return largest;
}

}  // namespace atelier
