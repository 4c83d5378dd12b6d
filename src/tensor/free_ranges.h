#pragma once
#include <cstddef>
#include <map>

namespace atelier {

/// A stretch of addresses.
struct AddressRange {
  std::byte* begin = nullptr;
  std::size_t size = 0;

  std::byte* end() const { return begin + size; }
};

/// Stretches of memory that nobody uses, none touching another: what is added next to one joins it. There are few, some
/// dozens, so that they are searched from end to end.
class FreeRanges {
 public:
  /// @param range            not empty and nowhere free already.
  /// @throws std::bad_alloc  where it has no neighbour; nothing has changed then. Nothing else here throws.
  void add(const AddressRange& range);
  /// Takes `size` bytes, more than 0, from the front of the smallest stretch that has them; nullptr when none has.
  std::byte* take(std::size_t size);
  /// Takes the bytes from `from` to the end of the stretch that it lies in.
  AddressRange take_from(std::byte* from);

  /// Sizes by the addresses where they begin.
  const std::map<std::byte*, std::size_t>& all() const { return sizes_; }
  /// Empty when there is none.
  AddressRange largest() const;
  /// Of all stretches together.
  std::size_t bytes() const { return bytes_; }

 private:
  std::map<std::byte*, std::size_t> sizes_;
  std::size_t bytes_ = 0;
};

}  // namespace atelier
