#include "losses/feature_rows.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"

namespace atelier::losses {
namespace {

Tensor in_layout(const Tensor& features, bool channels_last) {
  return channels_last ? features.contiguous(torch::MemoryFormat::ChannelsLast) : features;
}

/// Pixels of many blocks.
Tensor large(bool channels_last) {
  torch::manual_seed(1);
  return in_layout(torch::randn({2, 3, 97, 101}), channels_last);
}

TEST(FeatureRows, AreAViewInEitherLayout) {
  for (const bool last : {false, true}) {
    const auto features = large(last), rows = rows_of(features);
    EXPECT_EQ(rows.data_ptr(), features.data_ptr());
    EXPECT_TRUE(rows.equal(features.contiguous().flatten(2)));
    const auto back = as_features(rows, features);
    EXPECT_TRUE(back.equal(features));
    EXPECT_EQ(back.strides(), features.strides());
    EXPECT_EQ(flat(rows).data_ptr(), features.data_ptr());
  }
}

TEST(FeatureRows, ProductsInBlocksEqualPlainOnes) {
  const auto symmetric = torch::randn({2, 3, 3});
  for (const bool last : {false, true}) {
    const auto rows = rows_of(large(last)), plain = rows.contiguous();
    EXPECT_TRUE(torch::allclose(product_with_itself(rows), plain.matmul(plain.transpose(1, 2)), 1e-4, 0.05));
    for (const auto& map : {symmetric, symmetric[0], symmetric.narrow(0, 0, 1)}) {
      const auto even = map + map.transpose(-1, -2), product = symmetric_product(even, rows);
      EXPECT_TRUE(torch::allclose(product, even.matmul(plain), 1e-4, 1e-5));
      EXPECT_EQ(product.strides(), rows.strides());
    }
  }
}

TEST(FeatureRows, GradientsFlowWhereTheyAreWanted) {
  const auto x = large(true).requires_grad_();
  product_with_itself(rows_of(x)).square().sum().backward();
  EXPECT_TRUE(x.grad().defined());
}

TEST(FeatureRows, RefuseWhatIsNoFeatureMap) {
  EXPECT_THROW(rows_of(torch::zeros({3, 4, 4})), Error);
  EXPECT_THROW(rows_of(torch::zeros({1, 3, 0, 4})), Error);
}

}  // namespace
}  // namespace atelier::losses
