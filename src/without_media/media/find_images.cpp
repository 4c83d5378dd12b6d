#include "media/find_images.h"

#include "atelier/error.h"

namespace atelier {

bool is_picture(const std::filesystem::path&) { return false; }

std::vector<std::filesystem::path> find_images(const std::filesystem::path& folder) {
  throw Error("this build reads no pictures, so \"" + folder.string() +
              "\" cannot be used; give a file made by `atelier dataset pack`, or build with -DATELIER_MEDIA=ON");
}

}  // namespace atelier
