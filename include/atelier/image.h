#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace atelier {

/// A still picture in memory: sRGB-encoded colours, row by row.
///
/// Colours are kept as floats so that 8 and 16 bit files survive unchanged;
/// codecs, orientation and colour profiles have been dealt with on reading.
struct Image {
  int width = 0;
  int height = 0;
  /// height·width·3 values, interleaved R G B, sRGB-encoded, 0 … 1.
  std::vector<float> rgb;
  /// height·width values, 0 (clear) … 1 (opaque); empty when the picture has none.
  std::vector<float> alpha;
  /// Bits per sample of the file it came from (8 or 16): the default for writing.
  int bits = 8;
  /// Binary metadata carried from input to output ("exif", "xmp", "iptc", "icc": the
  /// source profile, kept to allow writing back into it). Keys are lower case.
  std::map<std::string, std::string> metadata;

  std::size_t pixels() const { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height); }
  bool has_alpha() const { return !alpha.empty(); }
};

}  // namespace atelier
