#pragma once
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cstdint>
#include <functional>

#include "networks/network.h"

/// What generators of pictures promise, whatever their form.
namespace atelier::test {

/// A generator by seed and width, relative to its paper's.
using MakeGenerator = std::function<Network(std::uint64_t, double)>;

/// The full width has about as many parameters as the paper says.
inline void expect_parameters(const MakeGenerator& make, double wanted) {
  std::int64_t count = 0;
  for (const auto& [name, tensor] : make(1, 1).parameters) count += tensor.numel();
  EXPECT_NEAR(static_cast<double>(count), wanted, 0.03 * wanted);
}

inline void expect_size_and_range_kept(const MakeGenerator& make) {
  torch::manual_seed(2);
  const auto made = run_network(make(1, 0.0625), {{"picture", torch::rand({2, 3, 24, 36})}});
  EXPECT_EQ(made.sizes(), (at::IntArrayRef{2, 3, 24, 36}));
  EXPECT_TRUE(made.ge(0).logical_and(made.le(1)).all().item<bool>());
}

inline void expect_seed_decides(const MakeGenerator& make) {
  const auto weight = [&](std::uint64_t seed) { return make(seed, 0.0625).parameters.at("out.weight"); };
  EXPECT_TRUE(weight(1).equal(weight(1)));
  EXPECT_FALSE(weight(1).equal(weight(2)));
}

}  // namespace atelier::test
