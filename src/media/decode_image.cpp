#include "media/decode_image.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <utility>
#include <vips/vips8>

#include "atelier/error.h"
#include "media/vips_runtime.h"

namespace atelier {
namespace {

using vips::VImage;

/// Names of libvips' metadata blobs, by our keys.
constexpr std::array<std::pair<const char*, const char*>, 4> kBlobs{
    {{"exif", VIPS_META_EXIF_NAME}, {"xmp", VIPS_META_XMP_NAME}, {"iptc", VIPS_META_IPTC_NAME}, {"icc", VIPS_META_ICC_NAME}}};

bool is_cmyk(const VImage& image) { return image.interpretation() == VIPS_INTERPRETATION_CMYK; }

VImage open(std::span<const std::byte> bytes, vips::VOption* options) {
  options->set("access", VIPS_ACCESS_SEQUENTIAL)->set("fail_on", VIPS_FAIL_ON_ERROR);
  return VImage::new_from_buffer(bytes.data(), bytes.size(), "", options);
}

void check_size(const VImage& header, const std::string& name, const ReadOptions& options) {
  const auto pixels = static_cast<std::uint64_t>(header.width()) * static_cast<std::uint64_t>(header.height());
  if (pixels > options.max_pixels)
    throw Error("picture \"" + name + "\" is too large (" + std::to_string(header.width()) + " x " +
                std::to_string(header.height()) + " pixels, the limit is " + std::to_string(options.max_pixels) +
                " pixels); raise the limit or shrink the picture");
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
  if (!image.has_alpha()) return resize(image);
  return resize(image.premultiply()).unpremultiply().rint().cast(image.format());
}

VImage load(std::span<const std::byte> bytes, const std::string& name, const ReadOptions& options) {
  const VImage header = open(bytes, VImage::option());
  check_size(header, name, options);
  const int longer = std::max(header.width(), header.height());
  if (options.max_side <= 0 || longer <= options.max_side) return header.copy_memory().autorot();
  const double scale = static_cast<double>(options.max_side) / longer;
  const auto side = [&](int full) { return std::max(1, static_cast<int>(std::lround(full * scale))); };
  return resize_to(open_shrunk(header, bytes, scale), side(header.width()), side(header.height())).copy_memory().autorot();
}

VImage to_srgb(const VImage& image) {
  if (image.get_typeof(VIPS_META_ICC_NAME) || is_cmyk(image)) {
    auto* options = VImage::option()->set("embedded", true)->set("depth", 16);
    if (is_cmyk(image)) options->set("input_profile", "cmyk");
    return image.icc_transform("srgb", options);
  }
  return image;
}

template <class Sample>
void widen(const Sample* samples, std::size_t pixels, int bands, float top, std::vector<float>& out, int wanted) {
  out.resize(pixels * static_cast<std::size_t>(wanted));
  for (std::size_t i = 0; i < pixels; ++i)
    for (int c = 0; c < wanted; ++c) out[i * wanted + c] = samples[i * bands + std::min(c, bands - 1)] / top;
}

std::vector<float> samples_of(const VImage& image, int wanted) {
  std::size_t size = 0;
  const std::unique_ptr<void, decltype(&g_free)> memory(image.write_to_memory(&size), &g_free);
  const auto pixels = static_cast<std::size_t>(image.width()) * static_cast<std::size_t>(image.height());
  std::vector<float> out;
  if (image.format() == VIPS_FORMAT_USHORT)
    widen(static_cast<const std::uint16_t*>(memory.get()), pixels, image.bands(), 65535.f, out, wanted);
  else
    widen(static_cast<const std::uint8_t*>(memory.get()), pixels, image.bands(), 255.f, out, wanted);
  return out;
}

Image convert(const VImage& loaded) {
  Image result;
  result.width = loaded.width();
  result.height = loaded.height();
  result.bits = loaded.format() == VIPS_FORMAT_USHORT ? 16 : 8;
  for (const auto& [key, blob] : kBlobs) {
    if (!loaded.get_typeof(blob)) continue;
    std::size_t size = 0;
    const void* data = loaded.get_blob(blob, &size);
    result.metadata[key] = std::string(static_cast<const char*>(data), size);
  }
  const int colours = loaded.bands() - (loaded.has_alpha() ? 1 : 0);
  if (loaded.has_alpha()) result.alpha = samples_of(loaded.extract_band(colours), 1);
  result.rgb = samples_of(to_srgb(loaded.extract_band(0, VImage::option()->set("n", colours))), 3);
  return result;
}

}  // namespace

Image decode_image(std::span<const std::byte> bytes, const std::string& name, const ReadOptions& options) {
  if (bytes.empty()) throw Error("picture \"" + name + "\" is empty; give a JPEG, PNG, WebP, TIFF, HEIC or AVIF file");
  start_vips();
  try {
    return convert(load(bytes, name, options));
  } catch (const vips::VError& error) {
    vips_error_clear();
    throw Error("cannot read picture \"" + name + "\" (" + first_line(error.what()) +
                "); give a whole JPEG, PNG, WebP, TIFF, HEIC or AVIF file");
  }
}

}  // namespace atelier
