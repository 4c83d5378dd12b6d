#include "media/picture_size.h"

#include <utility>
#include <vips/vips8>

#include "core/printable.h"
#include "media/picture_faults.h"
#include "media/vips_runtime.h"

namespace atelier {

PictureSize picture_size(std::span<const std::byte> bytes, const std::string& name, const ReadOptions& options) {
  require_picture_format(bytes, name);
  start_vips();
  try {
    const auto header = vips::VImage::new_from_buffer(bytes.data(), bytes.size(), "",
                                                      vips::VImage::option()->set("access", VIPS_ACCESS_SEQUENTIAL));
    PictureSize size{header.width(), header.height()};
    require_allowed_size(size.width, size.height, name, options);
    // Orientations from 5 on lie on their side.
    if (vips_image_get_orientation(header.get_image()) >= 5) std::swap(size.width, size.height);
    return size;
  } catch (const vips::VError& error) {
    vips_error_clear();
    throw unreadable_picture(name, first_line(error.what()));
  }
}

}  // namespace atelier
