#pragma once
#include <map>
#include <string>
#include <vips/vips8>

namespace atelier {

/// The metadata of a decoded, upright picture under the keys of Image::metadata. EXIF is
/// brought into one form (JPEG's, with its signature, orientation "upright", at most 64 KB). IPTC is
/// kept from JPEG only.
std::map<std::string, std::string> kept_metadata(const vips::VImage& image);

/// Attaches EXIF, XMP and IPTC of Image::metadata for a saver; not the colour profile.
void attach_metadata(vips::VImage& image, const std::map<std::string, std::string>& metadata);

}  // namespace atelier
