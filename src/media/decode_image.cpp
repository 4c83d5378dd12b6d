#include "media/decode_image.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>
#include <vips/vips8>

#include "atelier/error.h"
#include "core/printable.h"
#include "media/colour_profile.h"
#include "media/picture_faults.h"
#include "media/picture_metadata.h"
#include "media/recipe_xmp.h"
#include "media/vips_pixels.h"
#include "media/vips_runtime.h"

namespace atelier {
namespace {

using vips::VImage;

/// How many leading bands are colours; the one after them is alpha.
int colour_bands(const VImage& image) {
  if (image.interpretation() == VIPS_INTERPRETATION_CMYK) return 4;
  return image.bands() < 3 ? 1 : 3;
}

VImage open(std::span<const std::byte> bytes, vips::VOption* options) {
  options->set("access", VIPS_ACCESS_SEQUENTIAL)->set("fail_on", VIPS_FAIL_ON_ERROR);
  return VImage::new_from_buffer(bytes.data(), bytes.size(), "", options);
}

/// The decoder's own shrinking (cheap, of good quality), at most down to twice the wanted size
/// so that the final resize still decides the sharpness.
VImage open_shrunk(const VImage& header, std::span<const std::byte> bytes, double scale) {
  const std::string loader = header.get_string(VIPS_META_LOADER);
  if (loader.starts_with("jpegload") && scale <= 0.25)
    return open(bytes, VImage::option()->set("shrink", scale <= 0.0625 ? 8 : scale <= 0.125 ? 4 : 2));
  if (loader.starts_with("webpload") && scale <= 0.5) return open(bytes, VImage::option()->set("scale", 2 * scale));
  return header;
}

/// Resizes to exactly width × height; colours are weighted by their opacity.
VImage resize_to(const VImage& image, int width, int height) {
  const auto resize = [&](const VImage& in) {
    return in.resize(static_cast<double>(width) / in.width(),
                     VImage::option()->set("vscale", static_cast<double>(height) / in.height()));
  };
  if (image.bands() == colour_bands(image)) return resize(image);
  return resize(image.premultiply()).unpremultiply().rint().cast(image.format());
}

/// Brings Lab, scRGB and the like to 16-bit RGB, and drops bands beyond colours and alpha.
VImage simplified(const VImage& image, const std::string& name) {
  switch (image.interpretation()) {
    case VIPS_INTERPRETATION_LAB:
    case VIPS_INTERPRETATION_LABS:
    case VIPS_INTERPRETATION_scRGB:
    case VIPS_INTERPRETATION_XYZ: return simplified(image.colourspace(VIPS_INTERPRETATION_RGB16), name);
    default: break;
  }
  require(image.format() == VIPS_FORMAT_UCHAR || image.format() == VIPS_FORMAT_USHORT,
          "picture \"" + name + "\" has neither 8 nor 16 bits per sample; convert it to one of them");
  const int wanted = std::min(image.bands(), colour_bands(image) + 1);
  return image.bands() == wanted ? image : image.extract_band(0, VImage::option()->set("n", wanted));
}

/// The upright picture in memory, at the wanted size, before any change of colours.
VImage load(const VImage& header, std::span<const std::byte> bytes, const std::string& name,
            const ReadOptions& options) {
  const int longer = std::max(header.width(), header.height());
  if (options.max_side <= 0 || longer <= options.max_side) return simplified(header, name).copy_memory().autorot();
  const double scale = static_cast<double>(options.max_side) / longer;
  const auto side = [&](int full) { return std::max(1, static_cast<int>(std::lround(full * scale))); };
  const VImage source = simplified(open_shrunk(header, bytes, scale), name);
  return resize_to(source, side(header.width()), side(header.height())).copy_memory().autorot();
}

template <class Sample>
std::vector<float> spread(const VImage& image, int channels) {
  constexpr float top = std::numeric_limits<Sample>::max();
  const auto samples = pixels_of<Sample>(image);
  const auto bands = static_cast<std::size_t>(image.bands());
  const auto wanted = static_cast<std::size_t>(channels);
  std::vector<float> out(samples.size() / bands * wanted);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = samples[i / wanted * bands + std::min(i % wanted, bands - 1)] / top;
  return out;
}

/// `channels` values a pixel, 0 … 1; a grey band serves for all of them.
std::vector<float> values_of(const VImage& image, int channels) {
  return image.format() == VIPS_FORMAT_USHORT ? spread<std::uint16_t>(image, channels)
                                              : spread<std::uint8_t>(image, channels);
}

Image convert(const VImage& loaded) {
  Image result;
  result.width = loaded.width();
  result.height = loaded.height();
  result.bits = loaded.format() == VIPS_FORMAT_USHORT ? 16 : 8;
  result.metadata = kept_metadata(loaded);
  const int colours = colour_bands(loaded);
  if (loaded.bands() > colours) result.alpha = values_of(loaded.extract_band(colours), 1);
  result.rgb = values_of(to_srgb(loaded.extract_band(0, VImage::option()->set("n", colours))), 3);
  return result;
}

}  // namespace

Image decode_image(std::span<const std::byte> bytes, const std::string& name, const ReadOptions& options) {
  require_picture_format(bytes, name);
  start_vips();
  try {
    // `header` outlives everything made from it: libvips before 8.15 frees the metadata of a
    // HEIF picture with it (libvips pull request 3725)
    const VImage header = open(bytes, VImage::option());
    require_allowed_size(header.width(), header.height(), name, options);
    return convert(load(header, bytes, name, options));
  } catch (const vips::VError& error) {
    vips_error_clear();
    throw unreadable_picture(name, first_line(error.what()));
  }
}

std::optional<std::string> decode_recipe(std::span<const std::byte> bytes, const std::string& name) {
  start_vips();
  try {
    return recipe_in(get_blob(open(bytes, VImage::option()), VIPS_META_XMP_NAME));
  } catch (const vips::VError& error) {
    vips_error_clear();
    throw Error("cannot read picture \"" + name + "\" (" + first_line(error.what()) +
                "); give a file that atelier wrote");
  }
}

}  // namespace atelier
