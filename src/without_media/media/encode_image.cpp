#include "media/encode_image.h"

#include "atelier/error.h"

namespace atelier {

void check_output(const std::string& path, const WriteOptions&) {
  throw Error("this build writes no pictures, so \"" + path + "\" cannot be made; build with -DATELIER_MEDIA=ON");
}

std::string encode_image(const std::string& path, const Image&, const WriteOptions& options) {
  check_output(path, options);
  return {};
}

}  // namespace atelier
