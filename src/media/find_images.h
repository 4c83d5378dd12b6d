#pragma once
#include <filesystem>
#include <functional>
#include <vector>

namespace atelier {

/// Does `file` start like a JPEG, PNG, WebP, TIFF, HEIC or AVIF file? False when it cannot be read.
bool is_picture(const std::filesystem::path& file);

/// Calls `found` for the pictures that find_images() gives, in any order; so nothing is kept of millions of them.
/// @throws Error as find_images() does.
void each_image(const std::filesystem::path& folder, const std::function<void(const std::filesystem::path&)>& found);

/// The pictures in `folder` and its sub-folders, sorted by path: regular files that start like
/// a JPEG, PNG, WebP, TIFF, HEIC or AVIF file, whatever they are called. Hidden files and
/// folders and links to folders are passed over. A file's own path gives just that file.
/// @throws Error when `folder` is missing or cannot be listed.
std::vector<std::filesystem::path> find_images(const std::filesystem::path& folder);

}  // namespace atelier
