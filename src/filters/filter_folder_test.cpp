#include "filters/filter_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "atelier/error.h"
#include "media/find_images.h"
#include "media/image_file.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

class FilterFolder : public testing::Test {
 protected:
  FilterFolder() : folder_(fs::path(testing::TempDir()) / ("filter-folder-" + std::to_string(::getpid()))) {
    fs::create_directories(in() / "sub");
    fs::copy_file(fs::path(ATELIER_FIXTURES) / "photo_64.png", in() / "a.png");
    fs::copy_file(fs::path(ATELIER_FIXTURES) / "painting_64.png", in() / "sub/b.jpg");  // the name does not matter
  }
  ~FilterFolder() override { fs::remove_all(folder_); }

  fs::path in() const { return folder_ / "in"; }
  fs::path out() const { return folder_ / "out"; }

  static Image darker(Image image) {
    for (auto& value : image.rgb) value = 0;
    return image;
  }
  fs::path folder_;
};

TEST_F(FilterFolder, WritesAPngForEveryPicture) {
  const auto report = filter_folder(in(), out(), 32, darker);
  EXPECT_EQ(report.written, 2U);
  EXPECT_TRUE(report.skipped.empty());
  EXPECT_EQ(find_images(out()), (std::vector<fs::path>{out() / "a.png", out() / "sub/b.png"}));
  const auto image = read_image((out() / "sub/b.png").string());
  EXPECT_EQ(image.width, 32);
  EXPECT_EQ(image.rgb[0], 0);
}

TEST_F(FilterFolder, TakesOnePictureToo) {
  EXPECT_EQ(filter_folder(in() / "sub/b.jpg", out(), 0, darker).written, 1U);
  EXPECT_TRUE(fs::exists(out() / "b.png"));
}

TEST_F(FilterFolder, SkipsBrokenPicturesAndSaysWhich) {
  std::ofstream(in() / "broken.png", std::ios::binary) << "\x89PNG\r\n\x1a\n and no more";
  const auto report = filter_folder(in(), out(), 0, darker);
  EXPECT_EQ(report.written, 2U);
  ASSERT_EQ(report.skipped.size(), 1U);
  EXPECT_NE(report.skipped[0].find("broken.png"), std::string::npos);
}

TEST_F(FilterFolder, KeepsWhatWasMadeBeforeAnInterruption) {
  const auto stop = [](std::size_t done) {
    if (done == 1) throw Error("stopped", ErrorKind::kStopped);
  };
  EXPECT_THROW(filter_folder(in(), out(), 0, darker, stop), Error);
  EXPECT_EQ(find_images(out()), std::vector<fs::path>{out() / "a.png"});
}

TEST_F(FilterFolder, PassesOverItsOwnResults) {
  filter_folder(in(), in() / "made", 0, darker);
  EXPECT_EQ(filter_folder(in(), in() / "made", 0, darker).written, 2U);
}

TEST_F(FilterFolder, RefusesWhatCannotGoWell) {
  EXPECT_THROW(filter_folder(in(), in(), 0, darker), Error);
  EXPECT_THROW(filter_folder(in() / "sub", in(), 0, darker), Error);
  EXPECT_THROW(filter_folder(folder_ / "none", out(), 0, darker), Error);
  fs::create_directories(folder_ / "empty");
  EXPECT_THROW(filter_folder(folder_ / "empty", out(), 0, darker), Error);
  fs::copy_file(in() / "a.png", in() / "a.webp");
  EXPECT_THROW(filter_folder(in(), out(), 0, darker), Error) << "two would become a.png";
  std::ofstream(folder_ / "file") << "not a folder";
  EXPECT_THROW(filter_folder(in() / "sub", folder_ / "file", 0, darker), Error);
  EXPECT_FALSE(fs::exists(out()));
}

}  // namespace
}  // namespace atelier
