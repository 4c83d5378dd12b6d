#pragma once
#include <cstddef>
#include <span>
#include <string>

#include "media/image_file.h"

namespace atelier {

struct PictureSize {
  int width = 0, height = 0;
};

/// The upright size that decode_image() would give without ReadOptions::max_side, from the header alone.
/// @throws Error as decode_image() does when the header is no picture's, or says that it is too large.
PictureSize picture_size(std::span<const std::byte> bytes, const std::string& name, const ReadOptions& options = {});

}  // namespace atelier
