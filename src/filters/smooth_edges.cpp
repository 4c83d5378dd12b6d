#include "filters/smooth_edges.h"

#include <cmath>

#include "atelier/error.h"
#include "filters/canny.h"
#include "filters/gaussian_blur.h"

namespace atelier {
namespace {

constexpr int kSide = 5;
constexpr double kSigma = 1.1;

}  // namespace

Image smooth_edges(const Image& image) {
  require(image.pixels() > 0, "the picture has no pixels; give a whole picture");
  auto grey = luma_of(image);
  for (auto& value : grey.values) value = std::round(255 * value);
  const auto near_edges = dilated(canny_edges(grey), image.width, image.height, kSide);
  Image result = image;
  for (int c = 0; c < 3; ++c) {
    const auto blurred = gaussian_blur(channel_of(image, c), kSigma, kSide / 2);
    for (std::size_t i = 0; i < near_edges.size(); ++i)
      if (near_edges[i]) result.rgb[3 * i + static_cast<std::size_t>(c)] = static_cast<float>(blurred.values[i]);
  }
  return result;
}

}  // namespace atelier
