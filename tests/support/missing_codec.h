#pragma once
#include <algorithm>
#include <array>
#include <string>

namespace atelier::test {

/// Whether a message says that this installation has no codec for HEIC or AVIF, in the words of libvips without libheif
/// or of libheif without its plugins; not that there is one and it has failed.
inline bool says_codec_is_missing(const std::string& message) {
  constexpr std::array kWords = {"not in a known format", "\"heifsave_buffer\" not found", "Unsupported codec",
                                 "Unsupported compression"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](const char* words) { return message.find(words) != std::string::npos; });
}

}  // namespace atelier::test
