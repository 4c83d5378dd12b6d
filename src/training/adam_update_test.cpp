#include "training/adam_update.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

namespace atelier {
namespace {

constexpr AdamNumbers kNumbers{.gradient_scale = 0.5,
                               .first_decay = 0.9,
                               .second_decay = 0.99,
                               .second_bias = 0.3,
                               .rate = 0.01,
                               .decay = 0.004,
                               .average_decay = 0.8};

AdamTensors tensors(at::IntArrayRef sizes, torch::ScalarType type) {
  torch::manual_seed(3);
  const auto made = [&] { return torch::randn(sizes).to(type); };
  return {made(), made(), made(), made().square(), made()};
}

void expect_close(const AdamTensors& got, const AdamTensors& wanted) {
  const auto close = [](const Tensor& a, const Tensor& b) {
    return torch::allclose(a.to(b.scalar_type()), b, 1e-5, 1e-6);
  };
  EXPECT_TRUE(close(got.value, wanted.value));
  EXPECT_TRUE(close(got.first, wanted.first));
  EXPECT_TRUE(close(got.second, wanted.second));
  EXPECT_TRUE(close(got.average, wanted.average));
  EXPECT_TRUE(close(got.gradient, wanted.gradient));
}

TEST(AdamUpdate, IsWhatOneCalculatesByHand) {
  const auto of = [](float value) { return torch::tensor({value}); };
  const AdamTensors all{of(2), of(4), of(1), of(3), of(0)};
  adam_update(all, kNumbers);
  EXPECT_FLOAT_EQ(all.first.item<float>(), 1.1F);    // 0.9 · 1 + 0.1 · 2
  EXPECT_FLOAT_EQ(all.second.item<float>(), 3.01F);  // 0.99 · 3 + 0.01 · 4
  EXPECT_NEAR(all.value.item<double>(), 2 * 0.996 - 0.01 * 1.1 / std::sqrt(3.01 / 0.3), 1e-6);
  EXPECT_FLOAT_EQ(all.average.item<float>(), 0.2F * all.value.item<float>());
}

TEST(AdamUpdate, InOnePassAsByOperations) {
  for (const auto& sizes : std::vector<std::vector<std::int64_t>>{{1}, {17}, {5, 3, 7, 7}, {40000}, {}}) {
    const auto single = tensors(sizes, torch::kFloat), wide = tensors(sizes, torch::kDouble);
    adam_update(single, kNumbers);
    adam_update(wide, kNumbers);
    expect_close(single, wide);
  }
}

TEST(AdamUpdate, TakesGradientsOfAnyLayout) {
  auto last = tensors({8, 6, 3, 3}, torch::kFloat);
  const auto plain = tensors({8, 6, 3, 3}, torch::kFloat);
  last.gradient = last.gradient.contiguous(torch::MemoryFormat::ChannelsLast);
  adam_update(last, kNumbers);
  adam_update(plain, kNumbers);
  expect_close(last, plain);
}

TEST(SumOfSquares, IsExactAndDoesNotChangeWithTheThreads) {
  EXPECT_EQ(sum_of_squares(torch::tensor({3.0F, 4.0F})).item<double>(), 25);
  EXPECT_EQ(sum_of_squares(torch::tensor({3.0F, 4.0F}, torch::kDouble)).item<double>(), 25);
  EXPECT_EQ(sum_of_squares(torch::zeros({0})).item<double>(), 0);
  torch::manual_seed(4);
  const auto x = torch::randn({100003});
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const double alone = sum_of_squares(x).item<double>();
  at::set_num_threads(3);
  EXPECT_EQ(sum_of_squares(x).item<double>(), alone);
  at::set_num_threads(before);
  EXPECT_NEAR(alone, x.to(torch::kDouble).square().sum().item<double>(), 1e-6 * alone);
  EXPECT_TRUE(std::isnan(sum_of_squares(torch::full({100}, std::nanf(""))).item<double>()));
}

}  // namespace
}  // namespace atelier
