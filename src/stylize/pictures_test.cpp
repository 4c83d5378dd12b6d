#include "stylize/pictures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "atelier/error.h"
#include "media/image_file.h"

namespace atelier {
namespace {

using testing::HasSubstr;

Image plain(int width, int height, float value) {
  Image image;
  image.width = width;
  image.height = height;
  image.rgb.assign(image.pixels() * 3, value);
  return image;
}

class PicturesTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ =
        std::filesystem::path(testing::TempDir()) / ("pictures-" + std::to_string(::getpid()) + "-" + info->name());
    std::filesystem::create_directories(folder_);
    request_.content = store("photo.png", plain(80, 40, 0.2f));
    request_.styles = {{store("style.png", plain(30, 60, 0.8f)), 2, ""}};
    request_.size = 64;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string store(const std::string& name, const Image& image) const {
    write_image((folder_ / name).string(), image);
    return (folder_ / name).string();
  }
  std::string refusal() const {
    try {
      read_pictures(request_);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  std::filesystem::path folder_;
  Request request_;
};

TEST_F(PicturesTest, LongerSidesBecomeWhatWasAskedFor) {
  const Pictures shrunk = read_pictures(request_);
  EXPECT_THAT(shrunk.content.sizes(), testing::ElementsAre(1, 3, 32, 64));
  EXPECT_THAT(shrunk.styles[0].picture.sizes(), testing::ElementsAre(1, 3, 64, 32));
  EXPECT_EQ(shrunk.styles[0].weight, 2);
  EXPECT_FALSE(shrunk.styles[0].mask.defined());
  request_.size = 160;
  request_.style_size = 48;
  const Pictures enlarged = read_pictures(request_);
  EXPECT_THAT(enlarged.content.sizes(), testing::ElementsAre(1, 3, 80, 160));
  EXPECT_THAT(enlarged.styles[0].picture.sizes(), testing::ElementsAre(1, 3, 48, 24));
}

TEST_F(PicturesTest, SizeZeroKeepsThePhotos) {
  request_.size = 0;
  const Pictures pictures = read_pictures(request_);
  EXPECT_THAT(pictures.content.sizes(), testing::ElementsAre(1, 3, 40, 80));
  EXPECT_THAT(pictures.styles[0].picture.sizes(), testing::ElementsAre(1, 3, 80, 40));
}

TEST_F(PicturesTest, AlphaIsResizedWithThePhoto) {
  Image photo = plain(80, 40, 0.2f);
  photo.alpha.assign(photo.pixels(), 0.f);
  for (int y = 0; y < 40; ++y) std::fill_n(photo.alpha.begin() + y * 80, 40, 1.f);  // the left half is opaque
  request_.content = store("cut.png", photo);
  for (const int size : {40, 160}) {
    request_.size = size;
    const Image fitted = read_pictures(request_).photo;
    ASSERT_EQ(fitted.alpha.size(), fitted.pixels());
    EXPECT_NEAR(fitted.alpha[1], 1, 0.01);
    EXPECT_NEAR(fitted.alpha[static_cast<std::size_t>(size) - 2], 0, 0.01);
  }
}

TEST_F(PicturesTest, MasksComeInThePhotosSize) {
  Image mask = plain(160, 80, 0.f);
  for (int y = 0; y < 80; ++y) std::fill_n(mask.rgb.begin() + y * 480, 240, 1.f);
  request_.styles[0].mask = store("mask.png", mask);
  const Tensor plane = read_pictures(request_).styles[0].mask;
  EXPECT_THAT(plane.sizes(), testing::ElementsAre(1, 1, 32, 64));
  EXPECT_NEAR(plane.mean().item<double>(), 0.5, 0.01);
  EXPECT_NEAR(plane[0][0][16][2].item<double>(), 1, 1e-3);
  EXPECT_NEAR(plane[0][0][16][61].item<double>(), 0, 1e-3);
}

TEST_F(PicturesTest, MasksThatCannotBeMeantAreRefused) {
  request_.styles[0].mask = store("square.png", plain(40, 40, 1.f));
  EXPECT_THAT(refusal(), HasSubstr("of another shape than the photo (64x32)"));
  request_.styles[0].mask = store("black.png", plain(80, 40, 0.f));
  EXPECT_THAT(refusal(), HasSubstr("is black everywhere"));
}

TEST_F(PicturesTest, TooSmallAWorkingSizeIsRefused) {
  request_.size = 20;
  EXPECT_THAT(refusal(), HasSubstr("give a larger --size"));
}

TEST_F(PicturesTest, TheResultHasThePhotosAlphaDepthAndMetadata) {
  Pictures pictures = read_pictures(request_);
  pictures.photo.alpha.assign(pictures.photo.pixels(), 0.5f);
  pictures.photo.bits = 16;
  pictures.photo.metadata["xmp"] = "x";
  const Image result = finished_picture(request_, pictures, plain(64, 32, 0.7f));
  EXPECT_EQ(result.alpha, pictures.photo.alpha);
  EXPECT_EQ(result.bits, 16);
  EXPECT_EQ(result.metadata.at("xmp"), "x");
  EXPECT_NEAR(result.rgb[0], 0.7, 1e-6);
}

}  // namespace
}  // namespace atelier
