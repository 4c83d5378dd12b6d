#include "metrics/plane.h"

#include <algorithm>
#include <cmath>

#include "atelier/error.h"

namespace atelier {
namespace {

Plane weighted(const Image& image, double red, double green, double blue) {
  Plane plane(image.width, image.height);
  const float* rgb = image.rgb.data();
  for (double& value : plane.values) {
    value = red * rgb[0] + green * rgb[1] + blue * rgb[2];
    rgb += 3;
  }
  return plane;
}

std::string size_text(const Image& image) { return std::to_string(image.width) + "x" + std::to_string(image.height); }

}  // namespace

Plane channel_of(const Image& image, int channel) { return weighted(image, channel == 0, channel == 1, channel == 2); }

Plane luma_of(const Image& image) { return weighted(image, 0.299, 0.587, 0.114); }

std::vector<Plane> planes_of(const Image& image, MetricColour colour) {
  if (colour == MetricColour::kLuma) return {luma_of(image)};
  return {channel_of(image, 0), channel_of(image, 1), channel_of(image, 2)};
}

void require_measurable(const Image& image, const std::string& metric, int shortest_side) {
  require(image.width > 0 && image.height > 0 && image.rgb.size() == 3 * image.pixels(),
          metric + ": the picture has no pixels or a wrong number of them; give a whole picture");
  require(std::all_of(image.rgb.begin(), image.rgb.end(), [](float value) { return std::isfinite(value); }),
          metric + ": the picture holds values that are no numbers (NaN or infinite); make it anew");
  require(std::min(image.width, image.height) >= shortest_side, metric + ": the picture has " + size_text(image) +
                                                                    " pixels; give one of at least " +
                                                                    std::to_string(shortest_side) + " each way");
}

void require_comparable(const Image& a, const Image& b, const std::string& metric, int shortest_side) {
  require_measurable(a, metric, shortest_side);
  require_measurable(b, metric, shortest_side);
  require(a.width == b.width && a.height == b.height, metric + ": the pictures differ in size (" + size_text(a) +
                                                          " and " + size_text(b) + "); compare pictures of one size");
}

}  // namespace atelier
