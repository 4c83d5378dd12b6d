#include "media/image_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <iterator>
#include <thread>
#include <vector>

#include "atelier/error.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

class ImageFile : public testing::Test {
 protected:
  ImageFile()
      : folder_(fs::path(testing::TempDir()) /
                (std::string("image_file_") + testing::UnitTest::GetInstance()->current_test_info()->name() + "_" +
                 std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~ImageFile() override { fs::remove_all(folder_); }

  std::string at(const std::string& name) const { return (folder_ / name).string(); }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
};

Image plain(int width, int height, float value) {
  Image image;
  image.width = width;
  image.height = height;
  image.rgb.assign(3 * image.pixels(), value);
  return image;
}

ErrorKind kind_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.kind();
  }
  ADD_FAILURE() << "no error";
  return ErrorKind::kStopped;
}

TEST_F(ImageFile, ReadsWhatItWrote) {
  write_image(at("a.png"), plain(5, 3, 0.2f), {.recipe = "{\"seed\":1}"});
  EXPECT_EQ(read_image(at("a.png")).rgb, plain(5, 3, 0.2f).rgb);
  EXPECT_EQ(read_recipe(at("a.png")), "{\"seed\":1}");
  EXPECT_EQ(files(), 1u);
}

TEST_F(ImageFile, TakesNamesThatLibvipsWouldReadAsOptions) {
  write_image(at("photo[page=3].png"), plain(2, 2, 1));
  EXPECT_EQ(read_image(at("photo[page=3].png")).width, 2);
}

TEST_F(ImageFile, HasNoRecipeInForeignFiles) {
  EXPECT_EQ(read_recipe(std::string(ATELIER_FIXTURES) + "/images/xmp.jpg"), std::nullopt);
  EXPECT_EQ(read_recipe(std::string(ATELIER_FIXTURES) + "/images/plain.tif"), std::nullopt);
  EXPECT_EQ(kind_of([&] { read_recipe(at("none.png")); }), ErrorKind::kBadRequest);
}

TEST_F(ImageFile, TellsBadRequestsFromFailures) {
  const Image image = plain(2, 2, 1);
  EXPECT_EQ(kind_of([&] { write_image(at("a.bmp"), image); }), ErrorKind::kBadRequest);
  EXPECT_EQ(kind_of([&] { write_image(at("a.jpg"), image, {.bits = 16}); }), ErrorKind::kBadRequest);
  EXPECT_EQ(kind_of([&] { write_image(at("none/a.png"), image); }), ErrorKind::kFailure);
  fs::create_directory(folder_ / "folder.png");
  EXPECT_EQ(kind_of([&] { write_image(at("folder.png"), image); }), ErrorKind::kFailure);
  EXPECT_EQ(files(), 1u);
}

TEST_F(ImageFile, LeavesTheOldPictureWhenTheNewOneIsRefused) {
  write_image(at("a.webp"), plain(2, 2, 1));
  EXPECT_EQ(kind_of([&] { write_image(at("a.webp"), plain(17'000, 1, 1)); }), ErrorKind::kBadRequest);
  EXPECT_EQ(read_image(at("a.webp")).width, 2);
  EXPECT_EQ(files(), 1u);
}

TEST_F(ImageFile, IsAlwaysWholeUnderConcurrentWriters) {
  write_image(at("a.png"), plain(64, 64, 0));
  std::vector<std::thread> writers;
  for (const float value : {0.2f, 0.4f, 0.6f})
    writers.emplace_back([&, value] {
      for (int i = 0; i < 8; ++i) write_image(at("a.png"), plain(64, 64, value));
    });
  for (int i = 0; i < 20; ++i) {
    const Image seen = read_image(at("a.png"));
    EXPECT_EQ(seen.rgb, plain(64, 64, seen.rgb[0]).rgb);
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(files(), 1u);
}

TEST_F(ImageFile, ReadsTwoHundredSmallJpegsQuickly) {
  const Image image = read_image(std::string(ATELIER_SOURCE) + "/samples/great-wave.jpg", {.max_side = 256});
  write_image(at("a.jpg"), image);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 200; ++i) EXPECT_EQ(read_image(at("a.jpg")).width, 256);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  RecordProperty("milliseconds_each", std::to_string(seconds.count() * 5));
  EXPECT_LT(seconds.count(), 10);
}

}  // namespace
}  // namespace atelier
