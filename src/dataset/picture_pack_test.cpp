#include "dataset/picture_pack.h"

#include <gtest/gtest.h>
#include <torch/torch.h>
#include <unistd.h>

#include <fstream>

#include "atelier/error.h"
#include "dataset/image_pool.h"
#include "dataset/pack_pictures.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

class PicturePack : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              ("pack" + std::to_string(::getpid()) + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_ / "photos");
    const fs::path fixtures = ATELIER_FIXTURES;
    fs::copy_file(fixtures / "photo_128.png", folder_ / "photos/a.png");
    fs::copy_file(fixtures / "painting_128.png", folder_ / "photos/b.png");
    std::ofstream(folder_ / "photos/broken.png") << "\x89PNG\r\n\x1a\nnothing more";
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_F(PicturePack, HoldsWhatTheFolderHolds) {
  const auto pack = folder_ / "pack.safetensors";
  const auto report = pack_pictures({folder_ / "photos"}, 96, pack);
  EXPECT_EQ(report.packed, 2u);
  EXPECT_EQ(report.skipped.count, 1u);
  const ImagePool folder({folder_ / "photos"}, 96), packed(std::vector<fs::path>{pack}, 96);
  ASSERT_EQ(packed.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_TRUE(torch::equal(packed.picture(i), folder.picture(i)));
  EXPECT_TRUE(torch::equal(draw_crops({&packed}, 2, 64, {}, 7), draw_crops({&folder}, 2, 64, {}, 7)));
}

TEST_F(PicturePack, RefusesOtherFiles) {
  const auto other = folder_ / "other.safetensors";
  write_safetensors(other, WeightSetBuilder().add_floats("x", {1}, std::vector<float>{1}).build());
  EXPECT_THROW(ImagePool(std::vector<fs::path>{other}, 96), Error);
  auto damaged = WeightSetBuilder().add("picture/000000", DType::kU8, {1, 2, 2}, std::vector<std::byte>(4)).build();
  damaged.metadata["kind"] = "dataset";
  EXPECT_THROW(ImagePool{damaged}, Error);
  fs::create_directories(folder_ / "empty");
  EXPECT_THROW(pack_pictures({folder_ / "empty"}, 96, folder_ / "x.safetensors"), Error);
  EXPECT_FALSE(fs::exists(folder_ / "x.safetensors"));
}

}  // namespace
}  // namespace atelier
