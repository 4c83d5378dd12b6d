#include "tensor/vector_math.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "atelier/error.h"

namespace atelier {
namespace {

TEST(ScalarProduct, MatchesAHandComputedValue) {
  EXPECT_EQ(scalar_product(torch::tensor({1.f, 2.f, 3.f}), torch::tensor({4.f, -5.f, 6.f})), 12.0);
}

TEST(ScalarProduct, LosesNothingOverMillionsOfFloats) {  // a running float sum would stop at 2²⁴
  const auto ones = torch::ones({(1 << 24) + 12345});
  EXPECT_EQ(scalar_product(ones, ones), (1 << 24) + 12345);
}

TEST(ScalarProduct, IsTheSameForAnyNumberOfThreads) {
  torch::manual_seed(1);
  const auto a = torch::randn({300'001}), b = torch::randn({300'001});
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const double one = scalar_product(a, b);
  at::set_num_threads(3);
  EXPECT_EQ(scalar_product(a, b), one);
  at::set_num_threads(threads);
}

TEST(ScalarProduct, TakesStridedAndDoubleTensors) {
  const auto a = torch::arange(6., torch::kDouble).view({2, 3});
  EXPECT_EQ(scalar_product(a, a), 55.0);
  EXPECT_EQ(scalar_product(a.t(), a.t()), 55.0);
}

TEST(ScalarProduct, RefusesDifferentShapes) { EXPECT_THROW(scalar_product(torch::ones({2}), torch::ones({3})), Error); }

}  // namespace
}  // namespace atelier
