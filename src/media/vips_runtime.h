#pragma once
namespace atelier {

/// Starts libvips once per process (any thread, any number of calls): only the loaders for
/// JPEG, PNG, WebP, TIFF and HEIF stay enabled, nothing is logged, results are not cached.
/// @throws Error (kFailure) when the library cannot start.
void start_vips();

}  // namespace atelier
