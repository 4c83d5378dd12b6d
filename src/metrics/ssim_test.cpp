#include "metrics/ssim.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "atelier/error.h"
#include "media/image_file.h"
#include "metrics/gaussian_window.h"
#include "metrics/psnr.h"
#include "support/test_pictures.h"

namespace atelier {
namespace {

using testing::changed;
using testing::grey_picture;
using testing::mirrored;
using testing::noise_picture;

Image fixture(const std::string& name) { return read_image(std::string(ATELIER_FIXTURES) + "/" + name); }
Image photo() { return fixture("photo_128.png"); }
Image painting() { return fixture("painting_128.png"); }

/// The same as in tests/fixtures/make_metric_values.py.
Image disturbed(const Image& image) {
  Image result = changed(image, [](int x, int y) { return ((x * 7 + y * 13) % 11 - 5) / 64.0; });
  for (float& value : result.rgb) value = std::clamp(value, 0.0F, 1.0F);
  return result;
}

Image blend(Image a, const Image& b) {
  for (std::size_t i = 0; i < a.rgb.size(); ++i) a.rgb[i] = 0.6F * a.rgb[i] + 0.4F * b.rgb[i];
  return a;
}

constexpr double kAgreement = 1e-6;

TEST(Ssim, AgreesWithScikitImage) {
  EXPECT_NEAR(ssim(photo(), painting()), 0.120264149, kAgreement);
  EXPECT_NEAR(ssim(photo(), disturbed(photo())), 0.663884384, kAgreement);
  EXPECT_NEAR(ssim(photo(), blend(photo(), painting())), 0.635120741, kAgreement);
}

TEST(Ssim, AgreesWithScikitImageOnLuma) {
  EXPECT_NEAR(ssim(photo(), painting(), MetricColour::kLuma), 0.114577028, kAgreement);
  EXPECT_NEAR(ssim(photo(), disturbed(photo()), MetricColour::kLuma), 0.660185065, kAgreement);
}

TEST(Ssim, OfFlatPicturesIsTheLuminanceTermAlone) {
  const auto dark = grey_picture(16, 12, [](int, int) { return 0.25; });
  const auto light = grey_picture(16, 12, [](int, int) { return 0.75; });
  EXPECT_NEAR(ssim(dark, light), (2 * 0.25 * 0.75 + 1e-4) / (0.25 * 0.25 + 0.75 * 0.75 + 1e-4), 1e-9);
  EXPECT_DOUBLE_EQ(ssim(dark, dark), 1);
}

TEST(Ssim, IsOneOnlyForEqualPicturesAndSymmetric) {
  EXPECT_DOUBLE_EQ(ssim(photo(), photo()), 1);
  EXPECT_DOUBLE_EQ(ssim(photo(), painting()), ssim(painting(), photo()));
  double last = 1;
  for (const double strength : {0.01, 0.05, 0.2}) {
    const auto noise = noise_picture(128, 128, 3, 0, strength);
    const double now = ssim(photo(), changed(photo(), [&](int x, int y) { return noise.rgb[3 * (y * 128 + x)]; }));
    EXPECT_LT(now, last);
    last = now;
  }
}

TEST(Ssim, IsNegativeForANegative) {
  const auto noise = noise_picture(40, 40, 5);
  auto negative = noise;
  for (float& value : negative.rgb) value = 1 - value;
  EXPECT_LT(ssim(noise, negative), -0.9);
}

TEST(Ssim, RefusesWhatItCannotCompare) {
  const auto small = noise_picture(10, 30, 1), one = noise_picture(30, 30, 1), other = noise_picture(30, 31, 1);
  EXPECT_THROW(ssim(small, small), Error);
  EXPECT_THROW(ssim(one, other), Error);
  EXPECT_THROW(ssim(Image{}, Image{}), Error);
  auto broken = one;
  broken.rgb[17] = std::numeric_limits<float>::quiet_NaN();
  try {
    ssim(one, broken);
    FAIL() << "NaN was taken";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("NaN"), std::string::npos) << error.what();
  }
}

TEST(GaussianWindow, WeighsToOneAndKeepsPlanesOfOneValue) {
  Plane plane(13, 11);
  for (double& value : plane.values) value = 0.3;
  const auto mean = windowed_mean(plane);
  ASSERT_EQ(mean.width, 3);
  ASSERT_EQ(mean.height, 1);
  for (const double value : mean.values) EXPECT_NEAR(value, 0.3, 1e-15);
}

TEST(MsSsim, AgreesWithTheReferenceInNumpy) {
  const auto large = mirrored(photo(), 200, 171);
  EXPECT_NEAR(ms_ssim(large, mirrored(disturbed(photo()), 200, 171)), 0.965602743, kAgreement);
  EXPECT_NEAR(ms_ssim(large, mirrored(disturbed(photo()), 200, 171), MetricColour::kLuma), 0.964190209, kAgreement);
  EXPECT_NEAR(ms_ssim(large, mirrored(blend(photo(), painting()), 200, 171)), 0.688087455, kAgreement);
}

TEST(MsSsim, ForgivesFineNoiseMoreThanSsimDoes) {
  const auto large = mirrored(photo(), 200, 171), noisy = mirrored(disturbed(photo()), 200, 171);
  EXPECT_GT(ms_ssim(large, noisy), ssim(large, noisy) + 0.2);
  EXPECT_NEAR(ms_ssim(large, large), 1, 1e-12);
}

TEST(MsSsim, StaysANumberWhereStructureIsNegative) {
  const auto noise = noise_picture(161, 161, 5);
  auto negative = noise;
  for (float& value : negative.rgb) value = 1 - value;
  EXPECT_EQ(ms_ssim(noise, negative), 0);
}

TEST(MsSsim, RefusesPicturesTooSmallForFiveScales) {
  const auto small = noise_picture(160, 300, 1);
  EXPECT_THROW(ms_ssim(small, small), Error);
}

TEST(GradientSsim, AgreesWithTheReferenceInNumpy) {
  EXPECT_NEAR(gradient_ssim(photo(), painting()), 0.142836298, kAgreement);
  EXPECT_NEAR(gradient_ssim(photo(), disturbed(photo())), 0.794464235, kAgreement);
}

TEST(GradientSsim, SeesOnlyLuminanceInAShiftOfBrightness) {
  const auto flat = grey_picture(20, 20, [](int x, int) { return 0.2 + 0.01 * x; });
  const auto lighter = changed(flat, [](int, int) { return 0.3; });
  EXPECT_LT(gradient_ssim(flat, lighter), 1);
  EXPECT_GT(gradient_ssim(flat, lighter), 0.7);
  EXPECT_DOUBLE_EQ(gradient_ssim(flat, flat), 1);
}

TEST(Psnr, AgreesWithScikitImageAndByHand) {
  EXPECT_NEAR(psnr(photo(), painting()), 10.295754595, 1e-5);
  EXPECT_NEAR(psnr(photo(), disturbed(photo())), 26.143211385, 1e-5);
  const auto flat = grey_picture(3, 2, [](int, int) { return 0.5; });
  EXPECT_NEAR(psnr(flat, changed(flat, [](int, int) { return 0.1; })), 20, 1e-5);
  EXPECT_EQ(psnr(flat, flat), std::numeric_limits<double>::infinity());
}

TEST(Psnr, RefusesPicturesOfDifferentSizes) {
  EXPECT_THROW(psnr(noise_picture(3, 4, 1), noise_picture(4, 3, 1)), Error);
}

}  // namespace
}  // namespace atelier
