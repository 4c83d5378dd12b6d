#include "media/find_images.h"

#include "atelier/error.h"

namespace atelier {

bool is_picture(const std::filesystem::path&) { return false; }

void each_image(const std::filesystem::path& folder, const std::function<void(const std::filesystem::path&)>&) {
  throw Error("this build reads no pictures, so \"" + folder.string() +
              "\" cannot be used; give a file made by `atelier dataset pack`, or build with -DATELIER_MEDIA=ON");
}

std::vector<std::filesystem::path> find_images(const std::filesystem::path& folder) {
  each_image(folder, {});
  return {};
}

}  // namespace atelier
