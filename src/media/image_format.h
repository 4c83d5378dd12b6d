#pragma once
#include <string>

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

/// The format that the extension of `path` asks for; upper and lower case are the same.
/// @throws Error listing the extensions that work.
const ImageFormat& format_of(const std::string& path);

}  // namespace atelier
