#include "weights/inflate.h"

#include <zlib.h>

#include <algorithm>

namespace atelier {

bool inflate_into(std::span<const std::byte> packed, std::span<std::byte> out) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  int result = Z_OK;
  std::size_t fed = 0, made = 0;  // zlib counts in 32 bits, so both sides go in portions
  while (result == Z_OK) {
    const auto feed = static_cast<uInt>(std::min<std::size_t>(packed.size() - fed, 1u << 30));
    const auto room = static_cast<uInt>(std::min<std::size_t>(out.size() - made, 1u << 30));
    stream.avail_in = feed;
    stream.avail_out = room;
    result = inflate(&stream, Z_NO_FLUSH);
    fed += feed - stream.avail_in;
    made += room - stream.avail_out;
  }
  inflateEnd(&stream);
  return result == Z_STREAM_END && made == out.size();
}

}  // namespace atelier
