#include "tensor/blocks.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace atelier {
namespace {

TEST(Blocks, CoverEveryPositionOnce) {
  for (const std::int64_t positions : {1, 511, 1025, 99'999}) {
    const auto touched = torch::zeros({positions});
    for_blocks(touched, positions,
               [&](std::int64_t first, std::int64_t count) { touched.narrow(0, first, count) += 1; });
    EXPECT_TRUE(touched.eq(1).all().item<bool>()) << positions;
  }
}

TEST(Blocks, TheirSumDoesNotDependOnTheNumberOfThreads) {
  torch::manual_seed(1);
  const auto values = torch::randn({3, 20'000});
  const auto squares = [&] {
    return sum_of_blocks(values, values.size(1), [&](std::int64_t first, std::int64_t count) {
      const auto part = values.narrow(1, first, count);
      return part.matmul(part.t());
    });
  };
  const auto usual = at::get_num_threads();
  at::set_num_threads(1);
  const auto one = squares();
  at::set_num_threads(3);
  const auto three = squares();
  at::set_num_threads(usual);
  EXPECT_TRUE(one.equal(three));
  EXPECT_TRUE(torch::allclose(one, values.matmul(values.t()), 1e-4, 0.05));
}

}  // namespace
}  // namespace atelier
