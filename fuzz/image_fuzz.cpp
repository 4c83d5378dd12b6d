// Reads arbitrary bytes as a picture; whatever is accepted must be consistent and survive a PNG.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "atelier/error.h"
#include "media/decode_image.h"
#include "media/encode_image.h"

namespace {

/// Small enough to keep thousands of pictures a second, large enough for several tiles and strips.
constexpr std::uint64_t kMostPixels = 250'000;

void check(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atelier;
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    const Image image = decode_image(bytes, "fuzz", {.max_pixels = kMostPixels});
    check(image.width > 0 && image.height > 0 && image.pixels() <= kMostPixels);
    check(image.rgb.size() == 3 * image.pixels() && (image.alpha.empty() || image.alpha.size() == image.pixels()));
    for (const float value : image.rgb) check(value >= 0 && value <= 1);
    const std::string again = encode_image("fuzz.png", image, {.recipe = "{}"});
    check(decode_recipe(std::as_bytes(std::span(again)), "fuzz.png") == "{}");
    const Image small = decode_image(bytes, "fuzz", {.max_pixels = kMostPixels, .max_side = 5});
    check(small.width <= 5 && small.height <= 5);
  } catch (const Error&) {
  }
  return 0;
}
