#include "media/picture_size.h"

#include <utility>
#include <vips/vips8>

#include "atelier/error.h"
#include "media/vips_runtime.h"

namespace atelier {

PictureSize picture_size(std::span<const std::byte> bytes, const std::string& name, const ReadOptions& options) {
  start_vips();
  try {
    const auto header = vips::VImage::new_from_buffer(bytes.data(), bytes.size(), "",
                                                      vips::VImage::option()->set("access", VIPS_ACCESS_SEQUENTIAL));
    PictureSize size{header.width(), header.height()};
    const auto pixels = static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height);
    if (pixels > options.max_pixels)
      throw Error("picture \"" + name + "\" is too large (" + std::to_string(size.width) + " x " +
                  std::to_string(size.height) + " pixels, the limit is " + std::to_string(options.max_pixels) +
                  " pixels); shrink it first");
    // Orientations from 5 on lie on their side.
    if (vips_image_get_orientation(header.get_image()) >= 5) std::swap(size.width, size.height);
    return size;
  } catch (const vips::VError& error) {
    vips_error_clear();
    throw Error("cannot read picture \"" + name + "\" (" + first_line(error.what()) +
                "); give a whole JPEG, PNG, WebP, TIFF, HEIC or AVIF file");
  }
}

}  // namespace atelier
