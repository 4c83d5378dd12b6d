#include "dataset/pair_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "media/image_file.h"
#include "support/weight_files.h"
#include "tensor/image_tensor.h"

namespace atelier {
namespace {

using testing::HasSubstr;

class PairPoolTest : public testing::Test {
 protected:
  /// A picture whose red grows downwards and whose blue is `blue`.
  void write(const std::string& name, double blue, std::int64_t height = 40, std::int64_t width = 40) {
    const auto file = folder_ / name;
    std::filesystem::create_directories(file.parent_path());
    write_image(file.string(), to_image(picture(blue, height, width)));
  }
  static Tensor picture(double blue, std::int64_t height, std::int64_t width) {
    auto values = torch::full({1, 3, height, width}, blue);
    values.select(1, 0).copy_(torch::linspace(0, 1, height).unsqueeze(1).expand({height, width}));
    return values;
  }
  test::TemporaryFolder folder_;
};

double blue_of(const Tensor& bytes) { return bytes[2].to(torch::kFloat).mean().item<double>() / 255; }

TEST_F(PairPoolTest, HalvesOfOnePictureBelongTogether) {
  std::filesystem::create_directories(folder_ / "both");
  const auto both = torch::cat({picture(0.2, 40, 40), picture(0.8, 40, 40)}, 3);
  write_image((folder_ / "both/a.png").string(), to_image(both));
  const auto left = PairPool::side_by_side({folder_ / "both"}, Side::kLeft, 64);
  const auto right = PairPool::side_by_side({folder_ / "both"}, Side::kRight, 64);
  ASSERT_EQ(left.size(), 1U);
  EXPECT_NEAR(blue_of(left.input(0)), 0.2, 0.01);
  EXPECT_NEAR(blue_of(left.target(0)), 0.8, 0.01);
  EXPECT_NEAR(blue_of(right.input(0)), 0.8, 0.01);
}

TEST_F(PairPoolTest, FilesOfOneNameBelongTogether) {
  write("in/one.png", 0.1);
  write("in/two.png", 0.3);
  write("out/two.jpg", 0.7, 30, 50);  // takes its input's size
  write("out/one.png", 0.9);
  const auto pool = PairPool::two_folders(folder_ / "in", folder_ / "out", 64);
  ASSERT_EQ(pool.size(), 2U);
  EXPECT_NEAR(blue_of(pool.input(0)), 0.1, 0.01);
  EXPECT_NEAR(blue_of(pool.target(0)), 0.9, 0.01);
  EXPECT_EQ(pool.target(1).sizes(), pool.input(1).sizes());
}

TEST_F(PairPoolTest, PicturesCanBeTheirOwnPartners) {
  write("paintings/one.png", 0.25, 30, 50);
  const auto pool = PairPool::alone({folder_ / "paintings"}, 64);
  ASSERT_EQ(pool.size(), 1U);
  EXPECT_TRUE(pool.input(0).equal(pool.target(0)));
  const auto drawn = draw_parts(pool, 3, {.side = 16, .smallest = 0.5}, 7);
  EXPECT_TRUE(drawn.inputs.equal(drawn.targets));
  EXPECT_THROW(PairPool::alone({folder_ / "nowhere"}, 64), Error);
}

TEST_F(PairPoolTest, SaysWhichPictureHasNoPartner) {
  write("in/one.png", 0.1);
  write("in/two.png", 0.3);
  write("out/one.png", 0.9);
  const auto read = [&] { PairPool::two_folders(folder_ / "in", folder_ / "out", 64); };
  EXPECT_THAT(test::message_of(read), HasSubstr("two.png has no target"));
  write("out/two.png", 0.9);
  write("out/three.png", 0.9);
  EXPECT_THAT(test::message_of(read), HasSubstr("three.png has no picture"));
  write("in/more/two.png", 0.9);
  EXPECT_THAT(test::message_of(read), HasSubstr("two pictures called \"two\""));
}

TEST_F(PairPoolTest, RefusesEmptyFoldersAndNarrowPictures) {
  std::filesystem::create_directories(folder_ / "none");
  write("in/one.png", 0.1, 40, 20);
  EXPECT_THROW(PairPool::two_folders(folder_ / "in", folder_ / "none", 64), Error);
  EXPECT_THAT(test::message_of([&] { PairPool::side_by_side({folder_ / "in"}, Side::kLeft, 64); }),
              HasSubstr("only 20 pixels wide"));
}

TEST_F(PairPoolTest, KeepsTheLastPairsOut) {
  for (const auto* name : {"a", "b", "c"}) {
    write(std::string("in/") + name + ".png", 0.1);
    write(std::string("out/") + name + ".png", name[0] == 'c' ? 0.9 : 0.5);
  }
  auto pool = PairPool::two_folders(folder_ / "in", folder_ / "out", 64);
  const auto last = pool.take_last(1);
  EXPECT_EQ(pool.size(), 2U);
  ASSERT_EQ(last.size(), 1U);
  EXPECT_NEAR(blue_of(last.target(0)), 0.9, 0.01);
  EXPECT_THROW(pool.take_last(2), Error);
}

TEST_F(PairPoolTest, HoldsPairsOutWhereEnoughAreLeft) {
  for (const auto* name : {"a", "b", "c"}) write(std::string("in/") + name + ".png", 0.1);
  auto pool = PairPool::alone({folder_ / "in"}, 64);
  EXPECT_EQ(pool.hold_out(0).size(), 3U);
  EXPECT_EQ(pool.hold_out(2).size(), 3U);
  EXPECT_EQ(pool.size(), 3U);
  EXPECT_EQ(pool.hold_out(1).size(), 1U);
  EXPECT_EQ(pool.size(), 2U);
}

TEST_F(PairPoolTest, DrawsTheSamePartOfBoth) {
  write("in/one.png", 0.1, 48, 64);
  write("out/one.png", 0.9, 48, 64);
  const auto pool = PairPool::two_folders(folder_ / "in", folder_ / "out", 64);
  const PartOf part{.side = 16, .smallest = 0.5};
  const auto drawn = draw_parts(pool, 8, part, 5);
  EXPECT_EQ(drawn.inputs.sizes(), (at::IntArrayRef{8, 3, 16, 16}));
  const auto red = [](const Tensor& parts) { return parts.select(1, 0); };
  EXPECT_LT((red(drawn.inputs) - red(drawn.targets)).abs().max().item<double>(), 0.01);
  EXPECT_GT((red(drawn.inputs)[0] - red(drawn.inputs)[1]).abs().max().item<double>(), 0.01);
  EXPECT_TRUE(draw_parts(pool, 8, part, 5).inputs.equal(drawn.inputs));
  EXPECT_FALSE(draw_parts(pool, 8, part, 6).inputs.equal(drawn.inputs));
}

TEST_F(PairPoolTest, GreyPicturesAndPicturesSmallerThanThePartWork) {
  write("in/one.png", 0.1, 20, 20);
  std::filesystem::create_directories(folder_ / "out");
  auto grey = to_image(torch::full({1, 3, 20, 20}, 0.5));
  write_image((folder_ / "out/one.png").string(), grey);
  const auto pool = PairPool::two_folders(folder_ / "in", folder_ / "out", 64);
  const auto drawn = draw_parts(pool, 2, {.side = 32}, 1);
  EXPECT_EQ(drawn.targets.sizes(), (at::IntArrayRef{2, 3, 32, 32}));
  EXPECT_NEAR(drawn.targets.mean().item<double>(), 0.5, 0.01);
}

TEST_F(PairPoolTest, PartsOfOnePoolAndMiddleParts) {
  const ImagePool pool(std::vector<Tensor>{picture(0.4, 40, 60)});
  EXPECT_EQ(draw_parts(pool, 3, {.side = 16}, 1).sizes(), (at::IntArrayRef{3, 3, 16, 16}));
  const auto middle = middle_parts(pool, 0, 5, 40);
  ASSERT_EQ(middle.sizes(), (at::IntArrayRef{1, 3, 40, 40}));
  EXPECT_LT((middle - picture(0.4, 40, 40)).abs().max().item<double>(), 0.01);
}

}  // namespace
}  // namespace atelier
