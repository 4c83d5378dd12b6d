#include "media/decode_image.h"

#include "atelier/error.h"

namespace atelier {

Image decode_image(std::span<const std::byte>, const std::string& name, const ReadOptions&) {
  throw Error("this build reads no pictures, so \"" + name +
              "\" cannot be used; give a file made by `atelier dataset pack`, or build with -DATELIER_MEDIA=ON");
}

std::optional<std::string> decode_recipe(std::span<const std::byte> bytes, const std::string& name) {
  decode_image(bytes, name, {});
  return {};
}

}  // namespace atelier
