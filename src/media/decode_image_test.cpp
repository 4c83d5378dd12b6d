#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>
#include <vector>

#include "atelier/error.h"
#include "media/decode_image.h"
#include "support/missing_codec.h"

namespace atelier {
namespace {

const std::string kImages = std::string(ATELIER_FIXTURES) + "/images/";

Image read_fixture(const std::string& name, int max_side = 0) {
  return read_image(kImages + name, {.max_side = max_side});
}

std::array<float, 3> colour_at(const Image& image, int x, int y) {
  const auto i = 3 * (static_cast<std::size_t>(y) * image.width + x);
  return {image.rgb[i], image.rgb[i + 1], image.rgb[i + 2]};
}

void expect_colour(const Image& image, int x, int y, const std::array<float, 3>& want, float tolerance) {
  const auto got = colour_at(image, x, y);
  for (std::size_t c = 0; c < 3; ++c)
    EXPECT_NEAR(got[c], want[c], tolerance) << "channel " << c << " at " << x << "," << y;
}

/// The picture most fixtures show: red and green above, blue and white below.
void expect_flag(const Image& image, float tolerance) {
  const int left = image.width / 8, right = image.width - 1 - left;
  const int top = image.height / 8, bottom = image.height - 1 - top;
  ASSERT_EQ(image.width, 2 * image.height);
  expect_colour(image, left, top, {1, 0, 0}, tolerance);
  expect_colour(image, right, top, {0, 1, 0}, tolerance);
  expect_colour(image, left, bottom, {0, 0, 1}, tolerance);
  expect_colour(image, right, bottom, {1, 1, 1}, tolerance);
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return error.what();
  }
  return "no error";
}

class Oriented : public testing::TestWithParam<int> {};

TEST_P(Oriented, ComesOutUpright) {
  const std::string name = "orientation_" + std::to_string(GetParam()) + ".jpg";
  const Image whole = read_fixture(name);
  EXPECT_EQ(whole.width, 32);
  expect_flag(whole, 0.02f);
  const Image small = read_fixture(name, 16);
  EXPECT_EQ(small.width, 16);
  expect_flag(small, 0.06f);
}

INSTANTIATE_TEST_SUITE_P(AllEight, Oriented, testing::Range(1, 9));

struct Flag {
  const char* file;
  float tolerance;
};

class FlagFormats : public testing::TestWithParam<Flag> {};

TEST_P(FlagFormats, ShowTheSamePicture) {
  const Image image = read_fixture(GetParam().file);
  EXPECT_EQ(image.width, 32);
  EXPECT_EQ(image.height, 16);
  EXPECT_EQ(image.bits, 8);
  expect_flag(image, GetParam().tolerance);
}

INSTANTIATE_TEST_SUITE_P(Media, FlagFormats,
                         testing::Values(Flag{"plain.tif", 0}, Flag{"two_pages.tif", 0}, Flag{"palette.png", 0},
                                         Flag{"interlaced.png", 0}, Flag{"opaque.webp", 0}, Flag{"alpha.webp", 0},
                                         Flag{"progressive.jpg", 0.02f}, Flag{"flag.avif", 0.03f}));

TEST(DecodeImage, ReadsHeicWhereThePackageDoes) {
  try {
    expect_flag(read_fixture("flag.heic"), 0.03f);
  } catch (const Error& error) {
    if (!test::says_codec_is_missing(error.what())) throw;
    GTEST_SKIP() << error.what();
  }
}

TEST(DecodeImage, ABrokenDecoderIsNotTakenForAMissingOne) {
  EXPECT_TRUE(
      test::says_codec_is_missing("cannot read picture (heif: Unsupported feature: Unsupported codec (4.3000))"));
  EXPECT_FALSE(test::says_codec_is_missing("cannot read picture (heif: Decoder plugin generated an error (7.0))"));
}

TEST(DecodeImage, KeepsSixteenBits) {
  const Image image = read_fixture("rgb16.png");
  const std::vector<float> samples{0, 1, 65535, 256, 257, 12345, 54321, 40000, 3, 32768, 32767, 65534};
  ASSERT_EQ(image.rgb.size(), samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) EXPECT_FLOAT_EQ(image.rgb[i] * 65535, samples[i]);
  EXPECT_EQ(image.bits, 16);
}

TEST(DecodeImage, ReadsSixteenBitTiff) {
  const Image image = read_fixture("sixteen.tif");
  EXPECT_EQ(image.bits, 16);
  expect_colour(image, 0, 0, {32768 / 65535.f, 0, 0}, 1e-6f);
}

TEST(DecodeImage, WidensGreyAndSplitsAlpha) {
  const Image deep = read_fixture("grey_alpha16.png");
  expect_colour(deep, 0, 0, {1000 / 65535.f, 1000 / 65535.f, 1000 / 65535.f}, 1e-7f);
  expect_colour(deep, 1, 0, {50000 / 65535.f, 50000 / 65535.f, 50000 / 65535.f}, 1e-7f);
  ASSERT_EQ(deep.alpha.size(), 2u);
  EXPECT_FLOAT_EQ(deep.alpha[0], 1);
  EXPECT_FLOAT_EQ(deep.alpha[1], 12345 / 65535.f);
  const Image shallow = read_fixture("grey_alpha8.png");
  EXPECT_FLOAT_EQ(shallow.alpha[1], 0.2f);
  EXPECT_FLOAT_EQ(shallow.rgb[3], 200 / 255.f);
  EXPECT_FLOAT_EQ(read_fixture("grey16.png").rgb[4], 777 / 65535.f);
}

TEST(DecodeImage, KeepsStraightAlphaUnmultiplied) {
  const Image image = read_fixture("rgba8.png");
  expect_colour(image, 1, 0, {20 / 255.f, 30 / 255.f, 40 / 255.f}, 1e-7f);
  EXPECT_EQ(image.alpha, (std::vector<float>{1, 0}));
  EXPECT_NEAR(read_fixture("alpha.webp").alpha[0], 0.5f, 0.003f);
}

TEST(DecodeImage, DividesMultipliedAlphaOut) {
  const Image image = read_fixture("associated.tif");
  expect_colour(image, 0, 0, {200 / 255.f, 100 / 255.f, 50 / 255.f}, 0.0001f);
  EXPECT_NEAR(image.alpha[0], 0.5f, 0.0001f);
}

TEST(DecodeImage, ReadsOneBit) {
  const Image image = read_fixture("one_bit.png");
  for (const float value : image.rgb) EXPECT_TRUE(value == 0 || value == 1);
}

// The figures come from the profiles' matrices and exponents, sRGB by IEC 61966-2-1.
TEST(DecodeImage, ConvertsFromTheEmbeddedProfile) {
  const Image adobe = read_fixture("adobe_rgb.png");
  expect_colour(adobe, 0, 0, {0.5060f, 0.5060f, 0.5060f}, 0.0005f);
  expect_colour(adobe, 1, 0, {0.6534f, 0.3925f, 0.1661f}, 0.0005f);
  expect_colour(read_fixture("display_p3.png"), 1, 0, {0.6283f, 0.3810f, 0.1251f}, 0.0005f);
}

TEST(DecodeImage, ConvertsGreyFromItsProfile) {
  // half of the light, by IEC 61966-2-1
  expect_colour(read_fixture("grey_profile.png"), 0, 0, {0.7367f, 0.7367f, 0.7367f}, 0.001f);
}

TEST(DecodeImage, PassesOverAProfileForOtherSamples) {
  expect_colour(read_fixture("grey_rgb_profile.png"), 0, 0, {128 / 255.f, 128 / 255.f, 128 / 255.f}, 1e-6f);
}

TEST(DecodeImage, PassesOverABrokenProfile) {
  expect_colour(read_fixture("broken_profile.png"), 1, 0, {150 / 255.f, 100 / 255.f, 50 / 255.f}, 1e-6f);
}

TEST(DecodeImage, ReadsCmykWithoutAProfile) {
  const Image image = read_fixture("cmyk.jpg");
  const auto red = colour_at(image, 2, 2), green = colour_at(image, 29, 2), blue = colour_at(image, 2, 13);
  EXPECT_GT(red[0], 0.8f);
  EXPECT_LT(red[1], 0.25f);
  EXPECT_GT(green[1], 0.5f);
  EXPECT_LT(green[0], 0.3f);
  EXPECT_GT(blue[2], 0.4f);
  EXPECT_LT(blue[0], 0.35f);
  expect_colour(image, 29, 13, {1, 1, 1}, 0.01f);
}

TEST(DecodeImage, TakesFloatSamplesAsLinearLight) {
  const Image image = read_fixture("float.tif");
  expect_colour(image, 0, 0, {0, 0.7354f, 1}, 0.002f);
  expect_colour(image, 1, 0, {1, 0.5371f, 0}, 0.002f);
}

TEST(DecodeImage, ShrinksToTheLongerSide) {
  const std::string photo = std::string(ATELIER_SOURCE) + "/samples/photo.jpg";
  const Image whole = read_image(photo);
  for (const int side : {1, 50, 100, 333, 640, 1279}) {
    const Image small = read_image(photo, {.max_side = side});
    EXPECT_EQ(std::max(small.width, small.height), side);
    EXPECT_NEAR(small.height, std::max(1., static_cast<double>(side) * whole.height / whole.width), 0.51);
  }
  EXPECT_EQ(read_image(photo, {.max_side = 5000}).width, whole.width);
}

TEST(DecodeImage, ShrinkingKeepsTheMeanColour) {
  const std::string photo = std::string(ATELIER_SOURCE) + "/samples/photo.jpg";
  const auto mean = [](const Image& image) {
    double sum = 0;
    for (const float value : image.rgb) sum += value;
    return sum / static_cast<double>(image.rgb.size());
  };
  const double whole = mean(read_image(photo));
  for (const int side : {60, 150, 700}) EXPECT_NEAR(mean(read_image(photo, {.max_side = side})), whole, 0.004);
}

TEST(DecodeImage, ResetsTheOrientationInTheKeptExif) {
  const Image image = read_fixture("orientation_6.jpg");
  const std::string& exif = image.metadata.at("exif");
  EXPECT_NE(exif.find("Atelier camera"), std::string::npos);
  const auto tag = exif.find(std::string("\x12\x01\x03\0\x01\0\0\0", 8));
  ASSERT_NE(tag, std::string::npos);
  EXPECT_EQ(exif[tag + 8], 1);
}

TEST(DecodeImage, RefusesABombAtOnce) {
  const auto start = std::chrono::steady_clock::now();
  const std::string message = error_of([] { read_fixture("bomb.png"); });
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(500));
  EXPECT_NE(message.find("bomb.png"), std::string::npos);
  EXPECT_NE(message.find("50000 x 50000"), std::string::npos);
}

TEST(DecodeImage, HonoursTheLimitExactly) {
  EXPECT_NO_THROW(read_image(kImages + "plain.tif", {.max_pixels = 512}));
  EXPECT_THROW(read_image(kImages + "plain.tif", {.max_pixels = 511}), Error);
}

TEST(DecodeImage, RefusesTruncatedFilesOfEveryFormat) {
  for (const char* name : {"progressive.jpg", "orientation_6.jpg", "rgb16.png", "palette.png", "interlaced.png",
                           "opaque.webp", "plain.tif", "sixteen.tif", "flag.avif"}) {
    const std::string whole = bytes_of(kImages + name);
    for (const std::size_t kept : {whole.size() * 3 / 4, whole.size() / 2, std::size_t{20}, std::size_t{3}}) {
      const auto part = std::as_bytes(std::span(whole)).first(kept);
      EXPECT_THROW(decode_image(part, name), Error) << name << " cut to " << kept << " bytes";
    }
  }
}

TEST(DecodeImage, SurvivesDamagedBytes) {
  for (const char* name : {"orientation_6.jpg", "adobe_rgb.png", "alpha.webp", "sixteen.tif", "cmyk.jpg"}) {
    const std::string whole = bytes_of(kImages + name);
    for (std::size_t i = 0; i < whole.size(); i += 7) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(~damaged[i]);
      try {
        decode_image(std::as_bytes(std::span(damaged)), name, {.max_pixels = 100'000});
      } catch (const Error&) {
      }
    }
  }
}

TEST(DecodeImage, NamesTheFileInEveryRefusal) {
  const std::string text = testing::TempDir() + "not_a_picture_" +
                           std::to_string(std::hash<std::thread::id>()(std::this_thread::get_id())) + ".jpg";
  std::ofstream(text) << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"4\"/>";
  EXPECT_EQ(error_of([&] { read_image(text); }),
            "cannot read picture \"" + text +
                "\" (it is of another format); give a whole JPEG, PNG, WebP, TIFF, HEIC or AVIF file");
  std::filesystem::resize_file(text, std::uintmax_t{1} << 36);  // 64 GiB, none of them on the disk
  EXPECT_NE(error_of([&] { read_image(text); }).find("it is of another format"), std::string::npos);
  std::ofstream{text};
  EXPECT_NE(error_of([&] { read_image(text); }).find("is empty"), std::string::npos);
  std::remove(text.c_str());
  EXPECT_NE(error_of([&] { read_image(text); }).find("No such file"), std::string::npos);
  EXPECT_NE(error_of([] { read_image(kImages); }).find("is a folder"), std::string::npos);
  EXPECT_NE(error_of([] { read_image("/dev/zero"); }).find("not a regular file"), std::string::npos);
}

TEST(DecodeImage, SaysNothingOnStderr) {
  testing::internal::CaptureStderr();
  for (const char* name : {"flag.avif", "truncated.jpg", "broken_profile.png", "truncated.png"}) {
    try {
      read_fixture(name);
    } catch (const Error&) {
    }
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(DecodeImage, WorksFromManyThreads) {
  const Image want = read_fixture("adobe_rgb.png");
  std::vector<std::thread> threads;
  std::array<int, 4> wrong{};
  for (int& count : wrong)
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) count += read_fixture("adobe_rgb.png").rgb != want.rgb;
    });
  for (auto& thread : threads) thread.join();
  for (const int count : wrong) EXPECT_EQ(count, 0);
}

}  // namespace
}  // namespace atelier
