#include <gtest/gtest.h>
#include <torch/torch.h>

#include "methods/model_iteration/adversarial/animegan2/network.h"

namespace atelier::methods::animegan2 {
namespace {

std::int64_t parameters_of(const Network& network) {
  std::int64_t count = 0;
  for (const auto& [name, tensor] : network.parameters) count += tensor.numel();
  return count;
}

TEST(Animegan2Generator, HasThePapersSize) {
  EXPECT_NEAR(static_cast<double>(parameters_of(generator(1))), 2.15e6, 0.03 * 2.15e6);
}

TEST(Animegan2Generator, KeepsTheSizeAndTheRange) {
  torch::manual_seed(2);
  const auto made = run_network(generator(1, 0.0625), {{"picture", torch::rand({2, 3, 24, 36})}});
  EXPECT_EQ(made.sizes(), (std::vector<std::int64_t>{2, 3, 24, 36}));
  EXPECT_TRUE(made.ge(0).logical_and(made.le(1)).all().item<bool>());
}

TEST(Animegan2Generator, IsTheSameForTheSameSeedAlone) {
  const auto weight = [](std::uint64_t seed) { return generator(seed, 0.0625).parameters.at("out.weight"); };
  EXPECT_TRUE(weight(1).equal(weight(1)));
  EXPECT_FALSE(weight(1).equal(weight(2)));
}

}  // namespace
}  // namespace atelier::methods::animegan2
