#include "media/picture_faults.h"

#include <cstdint>
#include <string_view>

#include "media/image_format.h"

namespace atelier {

Error unreadable_picture(const std::string& name, const std::string& reason) {
  return Error("cannot read picture \"" + name + "\" (" + reason +
               "); give a whole JPEG, PNG, WebP, TIFF, HEIC or AVIF file");
}

void require_picture_format(std::span<const std::byte> bytes, const std::string& name) {
  if (bytes.empty()) throw Error("picture \"" + name + "\" is empty; give a JPEG, PNG, WebP, TIFF, HEIC or AVIF file");
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!starts_like_a_picture(head)) throw unreadable_picture(name, "it is of another format");
}

void require_allowed_size(int width, int height, const std::string& name, const ReadOptions& options) {
  const auto pixels = static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height);
  require(pixels <= options.max_pixels, "picture \"" + name + "\" is too large (" + std::to_string(width) + " x " +
                                            std::to_string(height) + " pixels, the limit is " +
                                            std::to_string(options.max_pixels) +
                                            " pixels); raise the limit or shrink the picture");
}

}  // namespace atelier
