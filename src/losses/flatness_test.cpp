#include "losses/flatness.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"

namespace atelier {
namespace {

TEST(Flatness, IsOneWhereNothingChanges) {
  EXPECT_TRUE(losses::flatness(torch::full({1, 3, 20, 30}, 0.4f)).eq(1).all().item<bool>());
  EXPECT_EQ(losses::flatness(torch::rand({1, 3, 1, 1})).item<float>(), 1);
}

TEST(Flatness, FallsWithTheChangesAround) {
  // Columns that rise by s each: every window's mean is s² but where the last column, which has no neighbour, counts.
  const double s = 3.0 / 255;
  const auto slope = (torch::arange(40, torch::kDouble) * s).expand({1, 3, 40, 40});
  const auto flat = losses::flatness(slope);
  EXPECT_EQ(flat.sizes(), torch::IntArrayRef({1, 1, 40, 40}));
  EXPECT_NEAR(flat[0][0][20][20].item<double>(), 0.5, 1e-12);
  EXPECT_NEAR(flat[0][0][0][0].item<double>(), 0.5, 1e-12);
  EXPECT_NEAR(flat[0][0][20][39].item<double>(), 1 / (1 + 7. / 8), 1e-12);
}

TEST(Flatness, OneEdgeReachesSevenPixels) {
  auto photo = torch::zeros({1, 1, 8, 60}, torch::kDouble);
  photo.slice(3, 30).fill_(1);
  const auto row = losses::flatness(photo)[0][0][4];
  EXPECT_LT(row[22].item<double>(), 0.01);
  EXPECT_EQ(row[21].item<double>(), 1);
  EXPECT_EQ(row[37].item<double>(), 1);
}

TEST(Flatness, RefusesWhatIsNoPicture) {
  EXPECT_THROW(losses::flatness(torch::rand({3, 4, 4})), Error);
  EXPECT_THROW(losses::flatness(torch::rand({1, 3, 0, 4})), Error);
}

}  // namespace
}  // namespace atelier
