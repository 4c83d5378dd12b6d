#pragma once
#include <cstddef>
#include <span>
#include <string>

#include "atelier/error.h"
#include "media/image_file.h"

namespace atelier {

/// The refusal of a picture that cannot be read. @param reason  what is wrong with it, in a few words.
Error unreadable_picture(const std::string& name, const std::string& reason);

/// Refuses a file that does not start like a picture. @param bytes  the file, or its first 12 bytes.
void require_picture_format(std::span<const std::byte> bytes, const std::string& name);

/// Refuses a picture of more than `options.max_pixels` pixels, before any is decoded.
void require_allowed_size(int width, int height, const std::string& name, const ReadOptions& options);

}  // namespace atelier
