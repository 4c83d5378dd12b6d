#include "tensor/smooth_edges.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"

namespace atelier {
namespace {

TEST(SmoothEdges, LeavesFlatFieldsAndSoftSlopesAlone) {
  const auto flat = torch::full({2, 3, 8, 8}, 0.3F);
  EXPECT_TRUE(smooth_edges(flat).equal(flat));
  const auto slope = torch::linspace(0, 1, 16).view({1, 1, 1, 16}).expand({1, 3, 8, 16}).contiguous();
  EXPECT_TRUE(smooth_edges(slope).equal(slope));
}

TEST(SmoothEdges, BlursAStepAndNothingFurtherAway) {
  auto step = torch::zeros({1, 3, 9, 20});
  step.slice(3, 10).fill_(1);
  const auto result = smooth_edges(step);
  const auto row = result[0][1][4];
  EXPECT_GT(row[9].item<float>(), 0.1F);
  EXPECT_LT(row[10].item<float>(), 0.9F);
  EXPECT_TRUE(result.slice(3, 0, 7).equal(step.slice(3, 0, 7)));
  EXPECT_TRUE(result.slice(3, 13).equal(step.slice(3, 13)));
  // The Gaussian is symmetric: a step keeps its middle.
  EXPECT_NEAR(row[9].item<float>() + row[10].item<float>(), 1, 1e-5);
}

TEST(SmoothEdges, RefusesWhatIsNoPicture) {
  EXPECT_THROW(smooth_edges(torch::rand({1, 1, 8, 8})), Error);
  EXPECT_THROW(smooth_edges(torch::rand({1, 3, 2, 8})), Error);
}

}  // namespace
}  // namespace atelier
