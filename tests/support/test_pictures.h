#pragma once
#include <cstdint>
#include <functional>
#include <random>

#include "atelier/image.h"

namespace atelier::testing {

/// A picture whose colour at (x, y) is grey `value(x, y)`.
inline Image grey_picture(int width, int height, const std::function<double(int, int)>& value) {
  Image image;
  image.width = width;
  image.height = height;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) image.rgb.insert(image.rgb.end(), 3, static_cast<float>(value(x, y)));
  return image;
}

/// `image` with `change(x, y)` added to all channels, not clamped.
inline Image changed(Image image, const std::function<double(int, int)>& change) {
  std::size_t i = 0;
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      for (int c = 0; c < 3; ++c, ++i) image.rgb[i] += static_cast<float>(change(x, y));
  return image;
}

/// Grey noise, evenly spread over `mean` ± `spread`.
inline Image noise_picture(int width, int height, std::uint32_t seed, double mean = 0.5, double spread = 0.3) {
  std::mt19937 chance(seed);
  return grey_picture(width, height, [&](int, int) { return mean + spread * (chance() * 0x1p-31 - 1); });
}

/// `image` continued to the right and downwards by its mirror image.
inline Image mirrored(const Image& image, int width, int height) {
  const auto folded = [](int i, int length) { return i < length ? i : 2 * length - 1 - i; };
  Image result;
  result.width = width;
  result.height = height;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const int at = folded(y, image.height) * image.width + folded(x, image.width);
      result.rgb.insert(result.rgb.end(), image.rgb.begin() + 3 * at, image.rgb.begin() + 3 * at + 3);
    }
  return result;
}

}  // namespace atelier::testing
