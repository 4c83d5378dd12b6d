// The tests' own tools: a helper that passes everything would hide every fault.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <filesystem>
#include <limits>

#include "atelier/error.h"
#include "support/fixtures.h"
#include "support/golden.h"
#include "support/numeric_gradient.h"
#include "support/tolerance.h"

namespace atelier {
namespace {

TEST(GradientError, IsTinyForTheRightGradient) {
  torch::manual_seed(7);
  const auto at = torch::rand({2, 3});
  EXPECT_LT(gradient_error([](const Tensor& x) { return x.pow(3).sum(); }, at), kGradientTolerance);
}

TEST(GradientError, IsLargeForAWrongGradient) {
  torch::manual_seed(7);
  const auto half_detached = [](const Tensor& x) { return (x * x.detach()).sum(); };  // autograd gives x, not 2x
  EXPECT_NEAR(gradient_error(half_detached, torch::rand({2, 3})), 0.5, 1e-6);
}

TEST(RelativeError, MatchesAValueByHand) {
  EXPECT_DOUBLE_EQ(relative_error(torch::tensor({3.0, 5.0}), torch::tensor({3.0, 4.0})), 0.2);
  EXPECT_DOUBLE_EQ(relative_error(torch::tensor({0.5}), torch::tensor({0.0})), 0.5);
}

TEST(RelativeError, IsInfiniteForOtherShapesAndForNan) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  EXPECT_EQ(relative_error(torch::zeros({2}), torch::zeros({3})), kInfinite);
  EXPECT_EQ(relative_error(torch::full({1}, NAN), torch::ones({1})), kInfinite);
}

TEST(Tolerance, CoversReorderedSumsInEachType) {
  torch::manual_seed(7);
  const auto exact = torch::rand({100, 100}, torch::kDouble);
  for (const auto type : {torch::kDouble, torch::kFloat, torch::kHalf, torch::kBFloat16})
    EXPECT_LT(relative_error(exact.to(type).to(torch::kDouble).sum(), exact.t().sum()), tolerance(type)) << type;
}

TEST(Fixtures, ArePicturesOfTheSizeTheyAreNamedFor) {
  for (const int side : {64, 128})
    for (const char* kind : {"photo", "painting"}) {
      const auto picture = read_fixture(std::string(kind) + '_' + std::to_string(side) + ".png");
      EXPECT_EQ(picture.sizes(), (std::vector<std::int64_t>{1, 3, side, side}));
      EXPECT_GT(picture.std().item<float>(), 0.05F) << "nothing to see in " << kind << ' ' << side;
    }
}

TEST(Golden, AcceptsThePictureItself) {
  expect_golden("photo_64.png", read_fixture("photo_64.png"), {.folder = "tests/fixtures"});
}

TEST(Golden, RejectsAShiftedPictureNamesThePixelAndLeavesIt) {
  static Tensor shifted;
  shifted = read_fixture("photo_64.png").roll(1, 3);
  const auto left = std::filesystem::absolute("golden") / "photo_64.png";
  std::filesystem::remove(left);
  EXPECT_NONFATAL_FAILURE(expect_golden("photo_64.png", shifted, {.folder = "tests/fixtures"}), "worst pixel at x");
  EXPECT_TRUE(std::filesystem::remove(left));
}

TEST(Golden, RejectsWhatIsMissing) {
  EXPECT_NONFATAL_FAILURE(expect_golden("no_such_picture.png", torch::zeros({1, 3, 2, 2})), "UPDATE_GOLDEN=1");
}

TEST(Golden, RejectsAnotherSizeAndNan) {
  EXPECT_NONFATAL_FAILURE(expect_golden("photo_64.png", torch::zeros({1, 3, 2, 2}), {.folder = "tests/fixtures"}),
                          "shape");
  EXPECT_NONFATAL_FAILURE(expect_golden("photo_64.png", torch::full({1, 3, 64, 64}, NAN), {.folder = "tests/fixtures"}),
                          "not finite");
}

}  // namespace
}  // namespace atelier
