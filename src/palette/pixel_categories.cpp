#include "palette/pixel_categories.h"

namespace atelier {
namespace {

/// The place on the Z curve: the bits of R, G and B taken in turn.
std::size_t place_of(const Rgb8& rgb) {
  std::size_t place = 0;
  for (int bit = 7; bit >= 4; --bit)
    for (const auto channel : rgb) place = place << 1 | (channel >> bit & 1U);
  return place;
}

}  // namespace

std::vector<PixelCategory> pixel_categories(std::span<const OccupiedColour> colours) {
  std::vector<PixelCategory> categories(4096);
  for (int red = 8; red < 256; red += 16)
    for (int green = 8; green < 256; green += 16)
      for (int blue = 8; blue < 256; blue += 16) {
        const Rgb8 middle{static_cast<std::uint8_t>(red), static_cast<std::uint8_t>(green),
                          static_cast<std::uint8_t>(blue)};
        categories[place_of(middle)].colour = middle;
      }
  for (const auto& colour : colours) categories[place_of(colour.rgb)].pixels += colour.pixels;
  return categories;
}

}  // namespace atelier
