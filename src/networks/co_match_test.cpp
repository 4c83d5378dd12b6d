// The CoMatch layer, and running parts of a network.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "networks/network.h"

namespace atelier {
namespace {

/// x → doubled → matched by "gram" → negated.
Network matching_network(std::int64_t channels) {
  NetworkBuilder build(1);
  const auto x = build.input("x"), gram = build.input("gram");
  const auto matched = build.co_match("matched", build.scale("doubled", x, 2, 0), gram, channels);
  build.scale("negated", matched, -1, 0);
  return build.build();
}

TEST(CoMatch, IsTheFormulaOfThePaper) {
  auto network = matching_network(2);
  network.parameters["matched.weight"] = torch::tensor({{1.F, 2.F}, {0.F, 1.F}});
  const auto gram = torch::tensor({{{3.F, 1.F}, {1.F, 2.F}}});  // weight · gram = [[5, 5], [1, 2]]
  const auto x = torch::tensor({1.F, 0.F, 0.F, 1.F}).reshape({1, 2, 1, 2});
  const auto y = node_values(network, {{"x", x}, {"gram", gram}}, {"matched"}).front();
  // The transpose's columns, twice: pixel (1, 0) gives (5, 5), pixel (0, 1) gives (1, 2).
  EXPECT_TRUE(torch::equal(y.flatten(2)[0], torch::tensor({{10.F, 2.F}, {10.F, 4.F}}))) << y;
}

TEST(CoMatch, TakesOneMatrixForAllPicturesOrOneEach) {
  const auto network = matching_network(3);
  const auto x = torch::rand({2, 3, 4, 5}), gram = torch::rand({2, 3, 3});
  const auto run = [&](const Tensor& pictures, const Tensor& matrices) {
    return run_network(network, {{"x", pictures}, {"gram", matrices}});
  };
  const auto both = run(x, gram);
  EXPECT_TRUE(torch::allclose(both.narrow(0, 1, 1), run(x.narrow(0, 1, 1), gram.narrow(0, 1, 1)), 1e-5, 1e-6));
  EXPECT_TRUE(torch::allclose(run(x, gram.narrow(0, 0, 1)).narrow(0, 0, 1), both.narrow(0, 0, 1), 1e-5, 1e-6));
}

TEST(CoMatch, GradientsAgreeWithFiniteDifferences) {
  auto network = matching_network(3);
  auto& weight = network.parameters.at("matched.weight");
  weight = torch::rand({3, 3}, torch::kDouble).requires_grad_(true);
  const auto x = torch::rand({1, 3, 2, 2}, torch::kDouble);
  const auto gram = torch::rand({1, 3, 3}, torch::kDouble).requires_grad_(true);
  const auto loss = [&] { return run_network(network, {{"x", x}, {"gram", gram}}, torch::kDouble).square().sum(); };
  loss().backward();
  for (const auto& leaf : {weight, gram}) {
    const double found = leaf.grad().flatten()[5].item<double>();
    const torch::NoGradGuard no_grad;
    constexpr double kStep = 1e-6;
    auto entry = leaf.detach().flatten()[5];
    const double above = (entry.add_(kStep), loss().item<double>());
    const double below = (entry.sub_(2 * kStep), loss().item<double>());
    entry.add_(kStep);
    EXPECT_NEAR(found, (above - below) / (2 * kStep), 1e-5 * (1 + std::abs(found)));
  }
}

TEST(CoMatch, SurvivesAFileAndBFloat16) {
  const auto network = matching_network(8);
  const auto back = read_network(write_network(network, false));
  const std::map<std::string, Tensor> inputs{{"x", torch::rand({1, 8, 6, 6})}, {"gram", torch::rand({1, 8, 8})}};
  const auto exact = run_network(network, inputs);
  EXPECT_TRUE(torch::equal(run_network(back, inputs), exact));
  EXPECT_LT(((run_network(network, inputs, torch::kBFloat16) - exact).norm() / exact.norm()).item<double>(), 0.02);
}

TEST(CoMatch, RefusesAMatrixOfAnotherSize) {
  EXPECT_THROW(run_network(matching_network(3), {{"x", torch::rand({1, 3, 4, 4})}, {"gram", torch::rand({1, 4, 4})}}),
               Error);
}

TEST(NodeValues, ComputeOnlyWhatLeadsToThem) {
  const auto network = matching_network(3);
  const auto x = torch::rand({1, 3, 4, 4});
  const auto values = node_values(network, {{"x", x}}, {"doubled", "x"});  // "gram" is not needed
  ASSERT_EQ(values.size(), 2U);
  EXPECT_TRUE(values[0].equal(x * 2));
  EXPECT_TRUE(values[1].equal(x));
  EXPECT_THROW(node_values(network, {{"x", x}}, {"matched"}), Error);
  EXPECT_THROW(node_values(network, {{"x", x}}, {"no such node"}), Error);
}

}  // namespace
}  // namespace atelier
