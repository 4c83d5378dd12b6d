#include "training/read_styles.h"

#include <gtest/gtest.h>
#include <torch/torch.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "atelier/error.h"
#include "dataset/pack_pictures.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

class ReadStylesTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("read-styles" + std::to_string(::getpid()) +
                                              testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_ / "both");
    const fs::path fixtures = ATELIER_FIXTURES;
    fs::copy_file(fixtures / "painting_64.png", folder_ / "both" / "brush.png");
    fs::copy_file(fixtures / "photo_64.png", folder_ / "both" / "other.png");
    pack("one", "both/brush.png");
    pack("two", "both");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void pack(const std::string& name, const std::string& source) const {
    pack_pictures({folder_ / source}, 512, folder_ / (name + ".safetensors"));
  }
  std::vector<StyleToLearn> read(const std::vector<std::string>& pictures, const fs::path& cards, int longer_side) {
    return read_styles(pictures, cards, longer_side, skipped_);
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  fs::path folder_;
  SkippedFiles skipped_;
};

TEST_F(ReadStylesTest, APackGivesThePaintingsThatItsFilesGive) {
  const auto from_files = read({path("both")}, "", 48);
  const auto from_pack = read({path("two.safetensors")}, "", 48);
  ASSERT_EQ(from_pack.size(), 2U);
  EXPECT_EQ(from_pack[0].name, "two-1");
  EXPECT_EQ(from_pack[1].name, "two-2");
  for (std::size_t i = 0; i < 2; ++i) EXPECT_TRUE(from_pack[i].picture.allclose(from_files[i].picture, 1e-5, 1e-5));
  EXPECT_EQ(from_pack[0].picture.size(2), 48);
}

TEST_F(ReadStylesTest, AListFindsPackedPaintingsByTheirNames) {
  pack("brush", "both/brush.png");
  std::ofstream(path("cards.json")) << R"([{"name": "Brush", "file": "brush.png", "artist": "Nobody"}])";
  const auto styles = read({path("one.safetensors"), path("brush.safetensors")}, path("cards.json"), 64);
  ASSERT_EQ(styles.size(), 1U);
  EXPECT_EQ(styles[0].name, "Brush");
  EXPECT_EQ(styles[0].card, R"({"name":"Brush","artist":"Nobody"})");
}

TEST_F(ReadStylesTest, NamesOfFilesBecomePrintable) {
  const std::string file = "D\xfcrer \xc3\xbc\n.png";
  fs::copy_file(folder_ / "both" / "brush.png", folder_ / file);
  EXPECT_EQ(read({path(file)}, "", 64).front().name, "D?rer \xc3\xbc?");
}

TEST_F(ReadStylesTest, RefusesWhatIsAmbiguousOrMissing) {
  EXPECT_THROW(read({path("one.safetensors"), path("one.safetensors")}, "", 64), Error);
  std::ofstream(path("cards.json")) << R"([{"name": "Two", "file": "two.png"}])";
  EXPECT_THROW(read({path("two.safetensors")}, path("cards.json"), 64), Error);
  EXPECT_THROW(read({path("one.safetensors")}, path("cards.json"), 64), Error);
}

TEST_F(ReadStylesTest, PassesOverBrokenPicturesOfFolders) {
  std::ofstream(path("both/broken.png"), std::ios::binary) << "\x89PNG\r\n\x1a\n and no more";
  EXPECT_EQ(read({path("both")}, "", 64).size(), 2U);
  EXPECT_EQ(skipped_.count, 1U);
  EXPECT_EQ(skipped_.first, path("both/broken.png"));
  EXPECT_THROW(read({path("both/broken.png")}, "", 64), Error);
  fs::remove(path("both/brush.png"));
  fs::remove(path("both/other.png"));
  EXPECT_THROW(read({path("both")}, "", 64), Error);
}

}  // namespace
}  // namespace atelier
