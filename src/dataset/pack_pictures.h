#pragma once
#include <cstddef>
#include <filesystem>
#include <functional>
#include <vector>

#include "dataset/skipped_files.h"

namespace atelier {

/// What pack_pictures() did.
struct PackReport {
  std::size_t packed = 0;
  SkippedFiles skipped;
};

/// Writes every picture below `folders`, its longer side at most `max_side`, into one file of decoded pixels: training
/// then needs no codec and no search. A safetensors file, metadata kind "dataset", tensors "picture/000000" ... of
/// bytes [3, H, W], RGB, sRGB-encoded.
/// @param on_progress  gets the number of pictures read so far; may be empty.
/// @return             how many pictures were packed, and the broken ones.
/// @throws Error       when a folder holds no readable picture or the file cannot be written (an earlier one is
/// intact).
PackReport pack_pictures(const std::vector<std::filesystem::path>& folders, int max_side,
                         const std::filesystem::path& output, const std::function<void(std::size_t)>& on_progress = {});

}  // namespace atelier
