#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "atelier/image.h"

namespace atelier {

/// Limits and choices for reading a picture.
struct ReadOptions {
  /// Refuse pictures with more pixels than this, before any pixel is decoded.
  std::uint64_t max_pixels = 400'000'000;
  /// Shrink while decoding so that the longer side is at most this; 0 keeps the size.
  int max_side = 0;
};

/// Choices for writing a picture.
struct WriteOptions {
  int quality = 92;    ///< JPEG, WebP, HEIC, AVIF: 1 … 100
  int bits = 0;        ///< 8 or 16; 0 takes Image::bits where the format allows it
  bool strip = false;  ///< drop EXIF, XMP and IPTC (the recipe stays)
  /// Convert back to the source's ICC profile; sRGB is used if it had none or if that profile
  /// is not one for RGB (grey, CMYK).
  bool source_profile = false;
  std::string recipe = {};  ///< JSON kept in the file's metadata; empty for none
};

/// Reads a JPEG, PNG, WebP, TIFF, HEIC or AVIF picture: orientation applied, colours
/// converted to sRGB through the embedded profile, grey and CMYK widened, alpha split off.
/// The format is found by content, not by name.
/// @throws Error naming the file when it is missing, empty, broken, too large or no picture.
Image read_image(const std::string& path, const ReadOptions& options = {});

/// Checks, before any work, that `path` and `options` can be written: extension, bits, quality.
/// @throws Error saying what to choose instead.
void check_output(const std::string& path, const WriteOptions& options = {});

/// Writes `image`; the format follows the extension. The file appears complete or not at all
/// (temporary file in the same folder, fsync, rename); sRGB is tagged. A format without alpha
/// shows the picture on white.
/// @throws Error for an unknown extension (kBadRequest) or a failed write (kFailure).
void write_image(const std::string& path, const Image& image, const WriteOptions& options = {});

/// The recipe that write_image() put into a file; nothing if there is none.
std::optional<std::string> read_recipe(const std::string& path);

}  // namespace atelier
