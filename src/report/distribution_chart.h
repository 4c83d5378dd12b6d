#pragma once
#include <string>
#include <vector>

#include "atelier/image.h"
#include "palette/pixel_categories.h"

namespace atelier {

/// One picture in a chart of distributions.
struct Distribution {
  std::string name;
  std::vector<PixelCategory> categories;  ///< as pixel_categories() lists them
};

/// An SVG file with a panel per picture: along the axis the categories of pixels, each in its colour, upwards the
/// number of pixels: see docs/palette.md.
std::string distribution_svg(const std::vector<Distribution>& pictures);

/// The same as a picture 1024 pixels wide.
Image distribution_picture(const std::vector<Distribution>& pictures);

}  // namespace atelier
