#include "media/image_format.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <map>

#include "atelier/error.h"

namespace atelier {
namespace {

using namespace std::string_view_literals;

bool is_heif_brand(std::string_view brand) {
  constexpr std::array kBrands{"heic"sv, "heix"sv, "hevc"sv, "heim"sv, "heis"sv, "hevm"sv,
                               "hevs"sv, "mif1"sv, "msf1"sv, "avif"sv, "avis"sv};
  return std::find(kBrands.begin(), kBrands.end(), brand) != kBrands.end();
}

}  // namespace

bool starts_like_a_picture(std::string_view head) {
  if (head.size() < 12) return false;
  return head.starts_with("\xff\xd8\xff"sv) || head.starts_with("\x89PNG\r\n\x1a\n"sv) ||
         (head.starts_with("RIFF"sv) && head.substr(8, 4) == "WEBP"sv) || head.starts_with("II*\0"sv) ||
         head.starts_with("MM\0*"sv) || head.starts_with("II+\0"sv) || head.starts_with("MM\0+"sv) ||
         (head.substr(4, 4) == "ftyp"sv && is_heif_brand(head.substr(8, 4)));
}

const ImageFormat& format_of(const std::string& path) {
  using Codec = ImageFormat::Codec;
  static const ImageFormat png{Codec::kPng, "PNG", true, true, 10'000'000};
  static const ImageFormat jpeg{Codec::kJpeg, "JPEG", false, false, 65'500};
  static const ImageFormat webp{Codec::kWebp, "WebP", false, true, 16'383};
  static const ImageFormat tiff{Codec::kTiff, "TIFF", true, true, 10'000'000};
  static const ImageFormat heic{Codec::kHeic, "HEIC", false, true, 16'384};
  static const ImageFormat avif{Codec::kAvif, "AVIF", false, true, 16'384};
  static const std::map<std::string, const ImageFormat*> by_extension{
      {".png", &png},  {".jpg", &jpeg},  {".jpeg", &jpeg}, {".webp", &webp},
      {".tif", &tiff}, {".tiff", &tiff}, {".heic", &heic}, {".avif", &avif}};
  std::string extension = std::filesystem::path(path).extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  const auto found = by_extension.find(extension);
  if (found == by_extension.end())
    throw Error("cannot tell the format of \"" + path + "\" from its extension; " +
                "use .png, .jpg, .jpeg, .webp, .tif, .tiff, .heic or .avif");
  return *found->second;
}

}  // namespace atelier
