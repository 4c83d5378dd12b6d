#pragma once
#include <string>
#include <string_view>

namespace atelier {

/// What a kind of file can hold.
struct ImageFormat {
  enum class Codec { kPng, kJpeg, kWebp, kTiff, kHeic, kAvif };
  Codec codec;
  std::string name;  ///< as people write it, for instance "JPEG"
  bool deep;         ///< 16 bits per sample as well as 8
  bool alpha;        ///< keeps transparency
  int longest_side;  ///< pixels
};

/// Whether a file of which `head` is the first 12 bytes or more may be a JPEG, PNG, WebP, TIFF, HEIC or AVIF file.
bool starts_like_a_picture(std::string_view head);

/// The format that the extension of `path` asks for; upper and lower case are the same.
/// @throws Error listing the extensions that work.
const ImageFormat& format_of(const std::string& path);

}  // namespace atelier
