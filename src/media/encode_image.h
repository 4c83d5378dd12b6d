#pragma once
#include <string>

#include "media/image_file.h"

namespace atelier {

/// The bytes of the file that write_image() writes; the extension of `path` gives the format.
std::string encode_image(const std::string& path, const Image& image, const WriteOptions& options = {});

}  // namespace atelier
