#include "media/colour_profile.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <mutex>
#include <vector>

#include "media/vips_pixels.h"

namespace atelier {
namespace {

using vips::VImage;

/// A row of colours spread evenly over the RGB cube.
std::vector<std::uint8_t> colour_lattice() {
  std::vector<std::uint8_t> samples;
  for (int red = 0; red <= 255; red += 17)
    for (int green = 0; green <= 255; green += 17)
      for (int blue = 0; blue <= 255; blue += 17)
        for (const int sample : {red, green, blue}) samples.push_back(static_cast<std::uint8_t>(sample));
  return samples;
}

bool moves_colours(const std::string& profile) {
  const auto samples = colour_lattice();
  auto lattice = image_over(samples, static_cast<int>(samples.size() / 3), 1, 3);
  set_blob(lattice, VIPS_META_ICC_NAME, profile);
  const auto moved = pixels_of<std::uint16_t>(
      lattice.icc_transform("srgb", VImage::option()->set("embedded", true)->set("depth", 16)));
  for (std::size_t i = 0; i < samples.size(); ++i)
    if (std::abs(moved[i] - samples[i] * 257) > 257) return true;
  return false;
}

/// moves_colours() for one profile after the other; folders of photos share a few of them.
bool is_like_srgb(const std::string& profile) {
  static std::mutex mutex;
  static std::map<std::string, bool> known;
  constexpr std::size_t kMostKnown = 16;
  const std::lock_guard lock(mutex);
  if (const auto found = known.find(profile); found != known.end()) return found->second;
  const bool alike = !moves_colours(profile);
  if (known.size() >= kMostKnown) known.clear();
  return known[profile] = alike;
}

/// The data colour space, at byte 16 of the header (ICC.1:2022, table 17).
std::string colour_space(const std::string& profile) {
  return profile.size() > 128 ? profile.substr(16, 4) : std::string();
}

/// Whether `profile` speaks of samples like those of `image`; libvips before 8.14.3 does not
/// find that out for itself where they are grey.
bool fits(const std::string& profile, const VImage& image) {
  if (image.interpretation() == VIPS_INTERPRETATION_CMYK) return colour_space(profile) == "CMYK";
  return colour_space(profile) == (image.bands() == 1 ? "GRAY" : "RGB ");
}

VImage transform(const VImage& image) {
  auto* options = VImage::option()->set("embedded", true)->set("depth", 16);
  if (image.interpretation() == VIPS_INTERPRETATION_CMYK) options->set("input_profile", "cmyk");
  return image.icc_transform("srgb", options);
}

VImage without_profile(const VImage& image) {
  VImage plain = image.copy();
  plain.remove(VIPS_META_ICC_NAME);
  return image.interpretation() == VIPS_INTERPRETATION_CMYK ? transform(plain) : plain;
}

}  // namespace

VImage to_srgb(const VImage& image) {
  const std::string profile = get_blob(image, VIPS_META_ICC_NAME);
  if (!fits(profile, image)) return without_profile(image);
  try {
    if (image.bands() == 3 && is_like_srgb(profile)) return image;
    return transform(image);
  } catch (const vips::VError&) {
    vips_error_clear();
    return without_profile(image);
  }
}

VImage from_srgb(const VImage& image, const std::string& profile, int bits) {
  VImage lab = image.icc_import(VImage::option()->set("input_profile", "srgb")->set("embedded", false)).copy();
  set_blob(lab, VIPS_META_ICC_NAME, profile);
  return lab.icc_export(VImage::option()->set("depth", bits));
}

bool is_rgb_profile(const std::string& profile) { return colour_space(profile) == "RGB "; }

const std::string& srgb_profile() {
  static const std::string profile = [] {
    VipsBlob* blob = VImage::profile_load("srgb");
    std::size_t size = 0;
    const void* data = vips_blob_get(blob, &size);
    const std::string bytes(static_cast<const char*>(data), size);
    vips_area_unref(VIPS_AREA(blob));
    return bytes;
  }();
  return profile;
}

}  // namespace atelier
