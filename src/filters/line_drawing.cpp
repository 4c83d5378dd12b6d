#include "filters/line_drawing.h"

#include <algorithm>
#include <cmath>

#include "atelier/error.h"
#include "filters/gaussian_blur.h"

namespace atelier {
namespace {

constexpr double kWider = 1.6;  // Winnemöller et al. 2006, section 3.3
constexpr double kFaintest = -0.006, kContrast = 40;

}  // namespace

Plane lightness_of_lines(const Image& image, double sigma) {
  const auto luma = luma_of(image);
  auto difference = gaussian_blur(luma, sigma);
  const auto wide = gaussian_blur(luma, kWider * sigma);
  std::transform(difference.values.begin(), difference.values.end(), wide.values.begin(), difference.values.begin(),
                 std::minus<>());
  return difference;
}

Image line_drawing(const Image& image, const LineDrawingOptions& options) {
  require(image.pixels() > 0, "the picture has no pixels; give a whole picture");
  require(options.line_width >= 0.3 && options.line_width <= 10, "the line width is out of range; give 0.3 to 10");
  Image drawn;
  drawn.width = image.width;
  drawn.height = image.height;
  drawn.rgb.reserve(image.rgb.size());
  for (const double difference : lightness_of_lines(image, options.line_width).values) {
    const double ink = std::tanh(kContrast * std::max(0.0, kFaintest - difference));
    drawn.rgb.insert(drawn.rgb.end(), 3, static_cast<float>(1 - ink));
  }
  return drawn;
}

}  // namespace atelier
