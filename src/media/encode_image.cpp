#include "media/encode_image.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>
#include <vips/vips8>

#include "atelier/error.h"
#include "core/printable.h"
#include "media/colour_profile.h"
#include "media/image_format.h"
#include "media/picture_metadata.h"
#include "media/recipe_xmp.h"
#include "media/vips_pixels.h"
#include "media/vips_runtime.h"

namespace atelier {
namespace {

using vips::VImage;
using vips::VOption;
using Codec = ImageFormat::Codec;

void check_image(const std::string& path, const Image& image, const ImageFormat& format) {
  require(image.width > 0 && image.height > 0, "the picture for \"" + path + "\" has no pixels; give it a size");
  require(image.rgb.size() == 3 * image.pixels() && (image.alpha.empty() || image.alpha.size() == image.pixels()),
          "the picture for \"" + path + "\" does not have as many values as its size needs; fill it before writing");
  require(std::max(image.width, image.height) <= format.longest_side,
          format.name + " holds at most " + std::to_string(format.longest_side) +
              " pixels a side; choose .png or .tif for \"" + path + "\"");
}

/// Colours (and alpha, where there is one and `alpha` asks for it) as whole numbers; without
/// it, what shines through is white.
template <class Sample>
std::vector<Sample> quantised(const Image& image, bool alpha) {
  constexpr float top = std::numeric_limits<Sample>::max();
  const std::size_t bands = alpha ? 4 : 3;
  std::vector<Sample> samples(image.pixels() * bands);
  const auto whole = [](float value) {
    return static_cast<Sample>(std::lround(value > 0 ? std::min(value, 1.f) * top : 0.f));
  };
  for (std::size_t i = 0; i < image.pixels(); ++i) {
    const float cover = image.has_alpha() && !alpha ? std::clamp(image.alpha[i], 0.f, 1.f) : 1.f;
    for (std::size_t c = 0; c < 3; ++c) samples[i * bands + c] = whole(image.rgb[i * 3 + c] * cover + (1 - cover));
    if (alpha) samples[i * bands + 3] = whole(image.alpha[i]);
  }
  return samples;
}

/// Colours converted to `profile`, alpha passed by.
VImage in_profile(const VImage& image, const std::string& profile, int bits) {
  const VImage colours = from_srgb(image.extract_band(0, VImage::option()->set("n", 3)), profile, bits);
  if (image.bands() == 3) return colours;
  const VImage alpha = image.extract_band(3);
  return colours.bandjoin(bits == 16 ? alpha : (alpha / 257.0).rint().cast(VIPS_FORMAT_UCHAR));
}

void attach_everything(VImage& picture, const Image& image, const ImageFormat& format, const WriteOptions& options) {
  auto metadata = options.strip ? std::map<std::string, std::string>() : image.metadata;
  if (format.codec != Codec::kJpeg) metadata.erase("iptc");
  std::string& xmp = metadata["xmp"];
  xmp = options.recipe.empty() ? without_recipe(xmp) : with_recipe(xmp, options.recipe);
  if (xmp.empty()) metadata.erase("xmp");
  attach_metadata(picture, metadata);
}

VOption* saver_options(Codec codec, int quality) {
  auto* options = VImage::option();
  switch (codec) {
    case Codec::kPng: return options->set("compression", 6)->set("filter", VIPS_FOREIGN_PNG_FILTER_ALL);
    case Codec::kTiff:
      return options->set("compression", VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE)
          ->set("predictor", VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL);
    case Codec::kJpeg: return options->set("Q", quality)->set("optimize_coding", true);
    case Codec::kWebp: return options->set("Q", quality);
    case Codec::kHeic:
      return options->set("Q", quality)->set("bitdepth", 8)->set("compression", VIPS_FOREIGN_HEIF_COMPRESSION_HEVC);
    case Codec::kAvif:
      return options->set("Q", quality)->set("bitdepth", 8)->set("compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1);
  }
  return options;
}

VipsBlob* save(const VImage& picture, Codec codec, int quality) {
  VOption* options = saver_options(codec, quality);
  switch (codec) {
    case Codec::kPng: return picture.pngsave_buffer(options);
    case Codec::kTiff: return picture.tiffsave_buffer(options);
    case Codec::kJpeg: return picture.jpegsave_buffer(options);
    case Codec::kWebp: return picture.webpsave_buffer(options);
    default: return picture.heifsave_buffer(options);
  }
}

/// The profile to write in; empty for sRGB.
std::string wanted_profile(const Image& image, const WriteOptions& options) {
  const auto source = image.metadata.find("icc");
  const bool usable = options.source_profile && source != image.metadata.end() && is_rgb_profile(source->second);
  return usable ? source->second : std::string();
}

template <class Sample>
std::string encode(const Image& image, const ImageFormat& format, int bits, const WriteOptions& options) {
  const bool alpha = image.has_alpha() && format.alpha;
  const auto samples = quantised<Sample>(image, alpha);
  VImage picture = image_over(samples, image.width, image.height, alpha ? 4 : 3);
  const std::string profile = wanted_profile(image, options);
  if (profile.empty())
    set_blob(picture, VIPS_META_ICC_NAME, srgb_profile());
  else
    picture = in_profile(picture, profile, bits);
  attach_everything(picture, image, format, options);
  VipsBlob* blob = save(picture, format.codec, options.quality);
  std::size_t size = 0;
  const void* data = vips_blob_get(blob, &size);
  std::string bytes(static_cast<const char*>(data), size);
  vips_area_unref(VIPS_AREA(blob));
  return bytes;
}

}  // namespace

void check_output(const std::string& path, const WriteOptions& options) {
  const ImageFormat& format = format_of(path);
  require(options.bits == 0 || options.bits == 8 || options.bits == 16,
          std::to_string(options.bits) + " bits per sample cannot be written; choose 8 or 16");
  require(options.bits != 16 || format.deep,
          format.name + " cannot hold 16 bits per sample (\"" + path + "\"); choose .png or .tif, or 8 bits");
  require(options.quality >= 1 && options.quality <= 100,
          "quality " + std::to_string(options.quality) + " is out of range; choose 1 to 100");
}

std::string encode_image(const std::string& path, const Image& image, const WriteOptions& options) {
  check_output(path, options);
  const ImageFormat& format = format_of(path);
  check_image(path, image, format);
  const int bits = options.bits != 0 ? options.bits : (format.deep && image.bits == 16 ? 16 : 8);
  start_vips();
  try {
    // a change of profile starts from 16 bits, so that it is rounded once
    const bool deep = bits == 16 || !wanted_profile(image, options).empty();
    return deep ? encode<std::uint16_t>(image, format, bits, options)
                : encode<std::uint8_t>(image, format, bits, options);
  } catch (const vips::VError& error) {
    vips_error_clear();
    throw Error("cannot make the " + format.name + " file \"" + path + "\" (" + first_line(error.what()) +
                    "); choose another format, for instance .png",
                ErrorKind::kFailure);
  }
}

}  // namespace atelier
