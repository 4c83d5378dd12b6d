#include "media/encode_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "atelier/error.h"
#include "media/colour_profile.h"
#include "media/decode_image.h"
#include "media/image_format.h"
#include "support/missing_codec.h"

/// x265 (Debian 12) never frees a few tables of its encoder; LeakSanitizer asks for this by name.
extern "C" const char* __lsan_default_suppressions() { return "leak:libx265"; }

namespace atelier {
namespace {

using testing::HasSubstr;

const std::string kImages = std::string(ATELIER_FIXTURES) + "/images/";
const std::vector<std::string> kExtensions{".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".heic", ".avif"};
const std::string kRecipe = R"({"method":"gatys","style":"Große <Welle> & \"more\".jpg","seed":7})";

/// Soft colours, so that codecs which halve the colour resolution stay close.
Image soft_picture(int width, int height, bool alpha, int bits = 8) {
  Image image;
  image.width = width;
  image.height = height;
  image.bits = bits;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const float u = static_cast<float>(x) / width, v = static_cast<float>(y) / height;
      image.rgb.insert(image.rgb.end(), {0.2f + 0.6f * u, 0.3f + 0.4f * v, 0.5f});
      if (alpha) image.alpha.push_back(0.25f + 0.5f * v);
    }
  return image;
}

Image noise(int bits) {
  Image image = soft_picture(37, 23, true, bits);
  std::mt19937 random(5);
  const unsigned top = bits == 16 ? 65535 : 255;
  for (auto* values : {&image.rgb, &image.alpha})
    for (float& value : *values) value = static_cast<float>(random() % (top + 1)) / static_cast<float>(top);
  return image;
}

Image round_trip(const std::string& name, const Image& image, const WriteOptions& options = {}) {
  const std::string bytes = encode_image(name, image, options);
  return decode_image(std::as_bytes(std::span(bytes)), name);
}

double mean_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b.at(i));
  return sum / static_cast<double>(a.size());
}

class EveryFormat : public testing::TestWithParam<std::string> {
 protected:
  /// HEIC needs an encoder that not every installation has.
  void write_or_skip(const Image& image, const WriteOptions& options = {}) {
    try {
      result_ = round_trip("out" + GetParam(), image, options);
      bytes_ = encode_image("out" + GetParam(), image, options);
    } catch (const Error& error) {
      const bool optional = GetParam() == ".heic" || GetParam() == ".avif";
      if (!optional || !test::says_codec_is_missing(error.what())) throw;
      GTEST_SKIP() << error.what();
    }
  }
  Image result_;
  std::string bytes_;
};

TEST_P(EveryFormat, KeepsThePicture) {
  const Image image = soft_picture(64, 48, false);
  write_or_skip(image);
  if (IsSkipped()) return;
  EXPECT_EQ(result_.width, 64);
  EXPECT_EQ(result_.height, 48);
  EXPECT_LT(mean_difference(image.rgb, result_.rgb), 0.01);
  EXPECT_FALSE(result_.has_alpha());
  EXPECT_TRUE(result_.metadata.at("icc") == srgb_profile());
}

TEST_P(EveryFormat, KeepsAlphaOrShowsItOnWhite) {
  const Image image = soft_picture(64, 48, true);
  write_or_skip(image);
  if (IsSkipped()) return;
  if (format_of("out" + GetParam()).alpha) {
    ASSERT_TRUE(result_.has_alpha());
    EXPECT_LT(mean_difference(image.alpha, result_.alpha), 0.01);
    EXPECT_LT(mean_difference(image.rgb, result_.rgb), 0.01);
  } else {
    EXPECT_FALSE(result_.has_alpha());
    EXPECT_NEAR(result_.rgb[0], 0.25 * 0.2 + 0.75, 0.02);
  }
}

TEST_P(EveryFormat, KeepsTheRecipe) {
  write_or_skip(soft_picture(32, 32, false), {.strip = true, .recipe = kRecipe});
  if (IsSkipped()) return;
  EXPECT_EQ(decode_recipe(std::as_bytes(std::span(bytes_)), "out"), kRecipe);
}

TEST_P(EveryFormat, KeepsForeignMetadataBesideTheRecipe) {
  const Image source = read_image(kImages + "xmp.jpg");
  write_or_skip(source, {.recipe = kRecipe});
  if (IsSkipped()) return;
  EXPECT_THAT(result_.metadata.at("xmp"), HasSubstr("dc:format=\"kept\""));
  EXPECT_EQ(decode_recipe(std::as_bytes(std::span(bytes_)), "out"), kRecipe);
  const bool no_exif = GetParam().starts_with(".tif") || GetParam() == ".png";
  if (!no_exif) {
    EXPECT_THAT(result_.metadata.at("exif"), HasSubstr("Atelier camera"));
  }
  EXPECT_EQ(result_.width, source.width);
}

TEST_P(EveryFormat, StripsForeignMetadata) {
  write_or_skip(read_image(kImages + "xmp.jpg"), {.strip = true});
  if (IsSkipped()) return;
  EXPECT_FALSE(result_.metadata.contains("xmp"));
  EXPECT_THAT(bytes_, Not(HasSubstr("Atelier camera")));
  EXPECT_EQ(decode_recipe(std::as_bytes(std::span(bytes_)), "out"), std::nullopt);
}

std::string without_dot(const testing::TestParamInfo<std::string>& info) { return info.param.substr(1); }
INSTANTIATE_TEST_SUITE_P(Media, EveryFormat, testing::ValuesIn(kExtensions), without_dot);

TEST(EncodeImage, LosslessFormatsKeepEverySample) {
  for (const char* name : {"a.png", "a.tif"})
    for (const int bits : {8, 16}) {
      const Image image = noise(bits);
      const Image back = round_trip(name, image);
      EXPECT_EQ(back.bits, bits);
      EXPECT_EQ(back.rgb, image.rgb) << name << " " << bits;
      EXPECT_EQ(back.alpha, image.alpha) << name << " " << bits;
    }
}

TEST(EncodeImage, RoundsToTheNearestEightBits) {
  Image image = soft_picture(1, 1, false, 16);
  image.rgb = {100.4f / 255, 100.6f / 255, 2.f};
  const Image back = round_trip("a.png", image, {.bits = 8});
  EXPECT_EQ(back.rgb, (std::vector<float>{100 / 255.f, 101 / 255.f, 1}));
}

TEST(EncodeImage, TurnsWhatIsNoNumberBlack) {
  Image image = soft_picture(1, 1, false);
  image.rgb = {std::nanf(""), -INFINITY, INFINITY};
  EXPECT_EQ(round_trip("a.png", image).rgb, (std::vector<float>{0, 0, 1}));
}

TEST(EncodeImage, TakesEightBitsWhereSixteenDoNotFit) {
  EXPECT_EQ(round_trip("a.jpg", soft_picture(8, 8, false, 16)).bits, 8);
}

TEST(EncodeImage, GoesBackToTheSourceProfile) {
  const Image source = read_image(kImages + "adobe_rgb.png");
  for (const int bits : {8, 16}) {
    Image back = round_trip("a.png", source, {.bits = bits, .source_profile = true});
    EXPECT_EQ(back.metadata.at("icc"), source.metadata.at("icc"));
    EXPECT_LT(mean_difference(back.rgb, source.rgb), 0.5 / 255);
    back.metadata.erase("icc");
    const std::string plain = encode_image("a.png", source, {.bits = bits});
    EXPECT_EQ(decode_image(std::as_bytes(std::span(plain)), "a.png").metadata.at("icc"), srgb_profile());
  }
}

TEST(EncodeImage, ReusesTheSourceProfileWithAlphaAndInJpeg) {
  Image source = read_image(kImages + "adobe_rgb.png");
  source.alpha = {1, 0.2f};
  const Image png = round_trip("a.png", source, {.source_profile = true});
  EXPECT_EQ(png.alpha, (std::vector<float>{1, 51 / 255.f}));
  EXPECT_EQ(round_trip("a.jpg", source, {.source_profile = true}).metadata.at("icc"), source.metadata.at("icc"));
}

TEST(EncodeImage, UsesSrgbWhenTheSourceProfileIsNotForRgb) {
  Image image = soft_picture(8, 8, false);
  image.metadata["icc"] = std::string(16, '\0') + "GRAY" + std::string(200, '\0');
  EXPECT_EQ(round_trip("a.jpg", image, {.source_profile = true}).metadata.at("icc"), srgb_profile());
}

TEST(EncodeImage, ReplacesAnOlderRecipe) {
  const Image first = round_trip("a.png", soft_picture(8, 8, false), {.recipe = "{\"old\":1}"});
  const std::string bytes = encode_image("b.jpg", first, {.recipe = kRecipe});
  EXPECT_EQ(decode_recipe(std::as_bytes(std::span(bytes)), "b.jpg"), kRecipe);
  EXPECT_THAT(bytes, Not(HasSubstr("old")));
}

TEST(EncodeImage, CarriesIptcInJpegOnly) {
  Image image = soft_picture(8, 8, false);
  image.metadata["iptc"] = std::string(
      "Photoshop 3.0\0"
      "8BIM\4\4\0\0\0\0\0\10\34\2\170\0\3sea",
      34);
  EXPECT_EQ(round_trip("a.jpg", image).metadata["iptc"], image.metadata["iptc"]);
  EXPECT_FALSE(round_trip("a.jpg", image, {.strip = true}).metadata.contains("iptc"));
  EXPECT_FALSE(round_trip("a.tif", image).metadata.contains("iptc"));
}

TEST(EncodeImage, HigherQualityIsNearer) {
  const Image image = read_image(std::string(ATELIER_SOURCE) + "/samples/great-wave.jpg", {.max_side = 128});
  for (const char* name : {"a.jpg", "a.webp"}) {
    const double low = mean_difference(image.rgb, round_trip(name, image, {.quality = 20}).rgb);
    const double high = mean_difference(image.rgb, round_trip(name, image, {.quality = 95}).rgb);
    EXPECT_LT(high, low / 1.5) << name;
  }
}

void expect_refusal(const std::string& name, const Image& image, const WriteOptions& options, const std::string& text) {
  try {
    encode_image(name, image, options);
    FAIL() << name << " was written";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kBadRequest);
    EXPECT_THAT(error.what(), HasSubstr(text));
  }
}

TEST(EncodeImage, RefusesWhatAFormatCannotHold) {
  const Image image = soft_picture(4, 4, false);
  expect_refusal("a.gif", image, {}, "use .png, .jpg");
  expect_refusal("png", image, {}, "extension");
  expect_refusal("a.jpg", image, {.bits = 16}, "JPEG cannot hold 16 bits");
  expect_refusal("a.png", image, {.bits = 12}, "choose 8 or 16");
  expect_refusal("a.jpg", image, {.quality = 0}, "choose 1 to 100");
  expect_refusal("a.png", image, {.recipe = std::string(70'000, 'x')}, "recipe is too long");
  expect_refusal("a.webp", soft_picture(20'000, 1, false), {}, "at most 16383 pixels");
  expect_refusal("a.png", Image{}, {}, "no pixels");
  Image short_of_values = image;
  short_of_values.rgb.pop_back();
  expect_refusal("a.png", short_of_values, {}, "as many values");
}

TEST(EncodeImage, TakesExtensionsInCapitals) { EXPECT_EQ(format_of("PHOTO.JPG").name, "JPEG"); }

}  // namespace
}  // namespace atelier
