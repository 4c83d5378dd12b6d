#include "media/find_images.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "atelier/error.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

class FindImages : public testing::Test {
 protected:
  FindImages() : folder_(testing::TempDir() + "find_images_" + std::to_string(::getpid())) {
    fs::create_directories(folder_ / "sub");
    fs::create_directories(folder_ / ".hidden");
  }
  ~FindImages() override { fs::remove_all(folder_); }

  void put(const std::string& name, const std::string& head) {
    std::ofstream(folder_ / name, std::ios::binary) << head << std::string(16, 'x');
  }

  fs::path folder_;
};

TEST_F(FindImages, GoesByContentInSortedOrder) {
  put("b.jpg", "\xff\xd8\xff\xe0");
  put("a.dat", "\x89PNG\r\n\x1a\n");
  put("sub/c.webp", std::string("RIFF\0\0\0\0WEBP", 12));
  put("sub/d.heic", std::string("\0\0\0\x18"
                                "ftypheic",
                                12));
  put("e.tif", std::string("II*\0", 4));
  put("text.jpg", "only words");
  put("film.mp4", std::string("\0\0\0\x18"
                              "ftypisom",
                              12));
  put(".hidden.jpg", "\xff\xd8\xff\xe0");
  put(".hidden/f.jpg", "\xff\xd8\xff\xe0");
  std::ofstream(folder_ / "empty.jpg");
  const std::vector<fs::path> want{folder_ / "a.dat", folder_ / "b.jpg", folder_ / "e.tif", folder_ / "sub/c.webp",
                                   folder_ / "sub/d.heic"};
  EXPECT_EQ(find_images(folder_), want);
}

TEST_F(FindImages, ListsAnEmptyFolder) { EXPECT_TRUE(find_images(folder_).empty()); }

TEST_F(FindImages, DoesNotFollowLinksToFolders) {
  put("a.jpg", "\xff\xd8\xff\xe0");
  fs::create_directory_symlink(folder_, folder_ / "sub/loop");
  EXPECT_EQ(find_images(folder_).size(), 1u);
}

TEST_F(FindImages, TakesASingleFile) {
  put("a.jpg", "\xff\xd8\xff\xe0");
  EXPECT_EQ(find_images(folder_ / "a.jpg"), std::vector<fs::path>{folder_ / "a.jpg"});
}

TEST_F(FindImages, RefusesAMissingFolder) { EXPECT_THROW(find_images(folder_ / "none"), Error); }

}  // namespace
}  // namespace atelier
