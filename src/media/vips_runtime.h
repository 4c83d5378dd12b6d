#pragma once
#include <string>

namespace atelier {

/// Starts libvips once per process (any thread, any number of calls): only the loaders for
/// JPEG, PNG, WebP, TIFF and HEIF stay enabled, nothing is logged, results are not cached.
/// @throws Error (kFailure) when the library cannot start.
void start_vips();

/// One line out of libvips' error text, without its trailing newline.
std::string first_line(const std::string& text);

}  // namespace atelier
