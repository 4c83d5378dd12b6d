#pragma once
#include <cstddef>
#include <span>

namespace atelier {

/// Unpacks raw deflate data (RFC 1951) by zlib.
/// @return whether exactly out.size() bytes came out; false for damaged data.
bool inflate_into(std::span<const std::byte> packed, std::span<std::byte> out);

}  // namespace atelier
