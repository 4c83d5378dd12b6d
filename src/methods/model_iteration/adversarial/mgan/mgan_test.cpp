#include <gtest/gtest.h>
#include <torch/torch.h>

#include "methods/model_iteration/adversarial/mgan/network.h"

namespace atelier::methods::mgan {
namespace {

TEST(Mgan, TheGeneratorMakesAPictureEightTimesAsLargeAsItsFeatures) {
  const auto made = run_network(generator(1, 6, 16), {{"features", torch::rand({2, 6, 3, 4})}});
  EXPECT_EQ(made.sizes(), (std::vector<std::int64_t>{2, 3, 24, 32}));
  EXPECT_TRUE(made.ge(0).logical_and(made.le(1)).all().item<bool>());
}

TEST(Mgan, TheCriticGivesAVerdictForEachPatchOfFeatures) {
  const auto verdicts = run_network(critic(1, 6, 8), {{"features", torch::rand({2, 6, 5, 7})}});
  EXPECT_EQ(verdicts.sizes(), (std::vector<std::int64_t>{2, 1, 5, 7}));
}

}  // namespace
}  // namespace atelier::methods::mgan
