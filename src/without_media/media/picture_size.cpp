#include "media/picture_size.h"

#include "media/decode_image.h"

namespace atelier {

PictureSize picture_size(std::span<const std::byte> bytes, const std::string& name, const ReadOptions& options) {
  const auto picture = decode_image(bytes, name, options);
  return {picture.width, picture.height};
}

}  // namespace atelier
