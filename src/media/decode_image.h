#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "media/image_file.h"

namespace atelier {

/// read_image() for a file that is already in memory; `name` is how errors call it.
/// `bytes` need only live during the call.
Image decode_image(std::span<const std::byte> bytes, const std::string& name, const ReadOptions& options = {});

/// read_recipe() for a file that is already in memory.
std::optional<std::string> decode_recipe(std::span<const std::byte> bytes, const std::string& name);

}  // namespace atelier
