#pragma once
#include <string>
#include <vips/vips8>

namespace atelier {

/// `image` (colour samples only, no alpha; 1, 3 or 4 bands of 8 or 16 bits) in sRGB: 1 band
/// (grey) or 3. The embedded profile is honoured, by relative intent; a profile that moves no
/// colour by more than one 8-bit step counts as sRGB itself, so that such files keep their
/// exact values; one that is broken or meant for another kind of picture is passed over.
/// CMYK without a profile goes through libvips' generic one.
vips::VImage to_srgb(const vips::VImage& image);

/// The inverse for an RGB picture: sRGB samples into `profile`, which stays embedded.
/// @param bits  8 or 16 per sample of the result.
vips::VImage from_srgb(const vips::VImage& image, const std::string& profile, int bits);

/// Whether `profile` (an ICC file) describes an RGB device.
bool is_rgb_profile(const std::string& profile);

/// The ICC file of sRGB.
const std::string& srgb_profile();

}  // namespace atelier
