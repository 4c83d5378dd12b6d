#include "media/picture_metadata.h"

#include <array>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "media/vips_pixels.h"

namespace atelier {
namespace {

using namespace std::string_view_literals;
using vips::VImage;

/// Plain blobs by our keys; EXIF needs more care.
constexpr std::array<std::pair<const char*, const char*>, 3> kBlobs{
    {{"xmp", VIPS_META_XMP_NAME}, {"iptc", VIPS_META_IPTC_NAME}, {"icc", VIPS_META_ICC_NAME}}};

/// The most that fits a JPEG segment beside its length field.
constexpr std::size_t kMostExif = 65'533;

std::string to_jpeg(const VImage& image) {
  void* data = nullptr;
  std::size_t size = 0;
  image.write_to_buffer(".jpg", &data, &size);
  const std::string bytes(static_cast<const char*>(data), size);
  g_free(data);
  return bytes;
}

VImage from_jpeg(const std::string& bytes) { return VImage::new_from_buffer(bytes.data(), bytes.size(), ""); }

/// libvips writes EXIF as the sum of the raw block and the fields it had parsed from it; only
/// its loaders parse, so a one-pixel JPEG with the block in front serves as the parser.
std::string jpeg_with_exif(const std::string& exif) {
  static const std::string pixel =
      to_jpeg(VImage::black(1, 1, VImage::option()->set("bands", 3))
                  .copy(VImage::option()->set("interpretation", VIPS_INTERPRETATION_sRGB)));
  const std::size_t length = exif.size() + 2;
  std::string segment{'\xff', '\xe1', static_cast<char>(length >> 8), static_cast<char>(length & 0xff)};
  return pixel.substr(0, 2) + segment + exif + pixel.substr(2);
}

bool is_exif_field(std::string_view name) { return name.starts_with("exif-"); }

/// The EXIF block as libvips writes it after its own edits (orientation removed); empty when
/// it is beyond repair, which is no reason to refuse the picture.
std::string rewritten_exif(const VImage& image) try {
  VImage pixel = image.extract_area(0, 0, 1, 1).copy();
  for (const auto& [key, blob] : kBlobs) pixel.remove(blob);
  const std::string jpeg = to_jpeg(pixel);
  return get_blob(from_jpeg(jpeg), VIPS_META_EXIF_NAME);
} catch (const vips::VError&) {
  vips_error_clear();
  return {};
}

void attach_exif(VImage& image, const std::string& exif) {
  if (!exif.starts_with("Exif\0\0"sv) || exif.size() > kMostExif) return;
  const std::string jpeg = jpeg_with_exif(exif);
  const VImage parsed = from_jpeg(jpeg);
  gchar** fields = vips_image_get_fields(parsed.get_image());
  for (gchar** field = fields; *field != nullptr; ++field) {
    if (!is_exif_field(*field)) continue;
    GValue value = G_VALUE_INIT;
    if (vips_image_get(parsed.get_image(), *field, &value) != 0) continue;
    vips_image_set(image.get_image(), *field, &value);
    g_value_unset(&value);
  }
  g_strfreev(fields);
}

}  // namespace

std::map<std::string, std::string> kept_metadata(const VImage& image) {
  std::map<std::string, std::string> kept;
  for (const auto& [key, blob] : kBlobs)
    if (std::string bytes = get_blob(image, blob); !bytes.empty()) kept[key] = std::move(bytes);
  // libvips 8.14 cuts a TIFF's IPTC to a quarter of its length (it counts bytes for longs)
  if (!std::string_view(image.get_string(VIPS_META_LOADER)).starts_with("jpegload")) kept.erase("iptc");
  if (image.get_typeof(VIPS_META_EXIF_NAME))
    if (std::string exif = rewritten_exif(image); !exif.empty()) kept["exif"] = std::move(exif);
  return kept;
}

void attach_metadata(VImage& image, const std::map<std::string, std::string>& metadata) {
  for (const auto& [key, blob] : kBlobs)
    if (const auto found = metadata.find(key); found != metadata.end() && std::strcmp(key, "icc") != 0)
      set_blob(image, blob, found->second);
  if (const auto found = metadata.find("exif"); found != metadata.end()) attach_exif(image, found->second);
}

}  // namespace atelier
