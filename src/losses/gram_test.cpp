#include "losses/gram.h"

#include <gtest/gtest.h>

#include "atelier/error.h"
#include "support/numeric_gradient.h"
#include "support/tolerance.h"

namespace atelier {
namespace {

using losses::GramDistance;

constexpr auto kDistances = {GramDistance::kMeanSquared, GramDistance::kPaper, GramDistance::kRelative,
                             GramDistance::kRelativeRoot};

Tensor two_by_two() {  // two channels over two pixels: (1 2), (3 4)
  return torch::tensor({1., 2., 3., 4.}, torch::kDouble).reshape({1, 2, 1, 2});
}

Tensor random(std::vector<std::int64_t> shape, std::uint64_t seed) {
  torch::manual_seed(seed);
  return torch::rand(shape, torch::kDouble);
}

TEST(Gram, MatchesHandComputedTwoByTwo) {
  const auto want = torch::tensor({2.5, 5.5, 5.5, 12.5}, torch::kDouble).reshape({1, 2, 2});
  EXPECT_TRUE(torch::allclose(losses::gram(two_by_two()), want));
}

TEST(Gram, IgnoresWhereThePixelsAre) {
  const auto f = random({2, 4, 5, 6}, 7);
  const auto shuffled = f.flatten(2).index_select(2, torch::randperm(30)).reshape_as(f);
  EXPECT_TRUE(torch::allclose(losses::gram(f), losses::gram(shuffled)));
}

TEST(Gram, IsTheSameForAPictureTiled) {  // the division by pixels
  const auto f = random({1, 4, 5, 6}, 7);
  EXPECT_TRUE(torch::allclose(losses::gram(f), losses::gram(f.repeat({1, 1, 2, 3}))));
}

TEST(Gram, DoesNotMindTheMemoryLayout) {
  const auto f = random({2, 4, 5, 6}, 7);
  EXPECT_TRUE(torch::allclose(losses::gram(f), losses::gram(f.contiguous(torch::MemoryFormat::ChannelsLast))));
}

TEST(Gram, FloatIsAccurateForALargeLayer) {
  torch::manual_seed(7);
  const auto f = torch::rand({1, 8, 512, 512});
  const auto exact = losses::gram(f.to(torch::kDouble));
  EXPECT_LT(((losses::gram(f) - exact).abs() / exact).max().item<double>(), 1e-5);
}

TEST(Gram, RefusesWhatIsNoFeatureMap) {
  EXPECT_THROW(losses::gram(torch::rand({3, 4, 4})), Error);
  EXPECT_THROW(losses::gram(torch::rand({1, 3, 0, 4})), Error);
}

TEST(GuidedGram, MatchesHandComputedMask) {  // weights 3 and 4: T = (0.6, 0.8), T∘F = (0.6 1.6), (1.8 3.2)
  const auto mask = torch::tensor({3., 4.}, torch::kDouble).reshape({1, 1, 1, 2});
  const auto want = torch::tensor({2.92, 6.2, 6.2, 13.48}, torch::kDouble).reshape({1, 2, 2});
  EXPECT_TRUE(torch::allclose(losses::guided_gram(two_by_two(), mask), want));
}

TEST(GuidedGram, OfAWhiteMaskIsThePlainOne) {
  const auto f = random({2, 3, 4, 5}, 7);
  EXPECT_TRUE(torch::allclose(losses::guided_gram(f, torch::ones({1, 1, 4, 5})), losses::gram(f)));
}

TEST(GuidedGram, OfABinaryMaskIsThatOfThePixelsInside) {
  const auto f = random({1, 3, 4, 6}, 7);
  auto mask = torch::zeros({1, 1, 4, 6});
  mask.slice(3, 0, 2).fill_(1);
  EXPECT_TRUE(torch::allclose(losses::guided_gram(f, mask), losses::gram(f.slice(3, 0, 2))));
}

TEST(GuidedGram, OfAnEmptyMaskIsZero) {
  EXPECT_EQ(losses::guided_gram(random({1, 3, 4, 4}, 7), torch::zeros({1, 1, 4, 4})).abs().max().item<double>(), 0);
}

TEST(GuidedGram, RefusesAMaskOfAnotherSize) {
  EXPECT_THROW(losses::guided_gram(random({1, 3, 4, 4}, 7), torch::ones({1, 1, 4, 5})), Error);
}

TEST(GramLoss, MatchesHandComputedDistances) {  // G − A = diag(1, −2), ‖A‖² = 25
  const auto g = torch::tensor({4., 0., 0., 2.}, torch::kDouble).reshape({1, 2, 2});
  const auto a = torch::tensor({3., 0., 0., 4.}, torch::kDouble).reshape({1, 2, 2});
  const auto distance = [&](GramDistance d) { return losses::gram_distance(g, a, d).item<double>(); };
  EXPECT_DOUBLE_EQ(distance(GramDistance::kMeanSquared), 5. / 4);
  EXPECT_DOUBLE_EQ(distance(GramDistance::kPaper), 5. / 16);
  EXPECT_DOUBLE_EQ(distance(GramDistance::kRelative), 5. / 25);
  EXPECT_DOUBLE_EQ(distance(GramDistance::kRelativeRoot), std::sqrt(5. / 25));
}

TEST(GramLoss, PaperFormIsEquationFour) {  // E = 1/(4 N² M²) Σ (G − A)², G = F Fᵀ as in eq. 3
  const auto f = random({1, 3, 4, 5}, 1), s = random({1, 3, 4, 5}, 2);
  const auto raw = [](const Tensor& x) { return x.flatten(2).squeeze(0).matmul(x.flatten(2).squeeze(0).t()); };
  const double want = ((raw(f) - raw(s)).square().sum() / (4. * 9 * 400)).item<double>();
  EXPECT_NEAR(losses::gram_loss(f, losses::gram(s), GramDistance::kPaper).item<double>(), want, 1e-14);
}

TEST(GramLoss, IsZeroForTheStyleItselfAndOneForNothing) {
  const auto f = random({1, 3, 4, 5}, 1);
  const auto target = losses::gram(f);
  for (const auto distance : kDistances) EXPECT_EQ(losses::gram_loss(f, target, distance).item<double>(), 0);
  const auto nothing = torch::zeros_like(f);
  EXPECT_DOUBLE_EQ(losses::gram_loss(nothing, target, GramDistance::kRelative).item<double>(), 1);
  EXPECT_DOUBLE_EQ(losses::gram_loss(nothing, target, GramDistance::kRelativeRoot).item<double>(), 1);
}

TEST(GramLoss, RelativeFormsIgnoreTheScaleOfTheFeatures) {
  const auto f = random({1, 3, 4, 5}, 1), s = random({1, 3, 4, 5}, 2);
  for (const auto distance : {GramDistance::kRelative, GramDistance::kRelativeRoot})
    EXPECT_NEAR(losses::gram_loss(f, losses::gram(s), distance).item<double>(),
                losses::gram_loss(f * 9, losses::gram(s * 9), distance).item<double>(), 1e-12);
}

TEST(GramLoss, GradientMatchesFiniteDifferences) {
  const auto target = losses::gram(random({2, 3, 4, 4}, 1));
  const auto at = random({2, 3, 4, 4}, 2);
  for (const auto distance : kDistances)
    EXPECT_LT(gradient_error([&](const Tensor& x) { return losses::gram_loss(x, target, distance); }, at),
              kGradientTolerance);
}

TEST(GramLoss, GuidedGradientMatchesFiniteDifferences) {
  const auto mask = random({1, 1, 4, 4}, 3);
  const auto target = losses::guided_gram(random({1, 3, 4, 4}, 1), mask);
  const auto loss = [&](const Tensor& x) {
    return losses::gram_distance(losses::guided_gram(x, mask), target, GramDistance::kRelative);
  };
  EXPECT_LT(gradient_error(loss, random({1, 3, 4, 4}, 2)), kGradientTolerance);
}

TEST(GramLoss, GradientAtTheStyleItselfIsZero) {
  for (const auto distance : kDistances) {
    const auto x = random({1, 3, 4, 4}, 1).requires_grad_();
    losses::gram_loss(x, losses::gram(x).detach(), distance).backward();
    EXPECT_EQ(x.grad().abs().max().item<double>(), 0);
  }
}

std::vector<losses::GramTarget> several_targets() {
  const auto half = torch::zeros({1, 1, 4, 6}, torch::kDouble);
  half.slice(3, 0, 3).fill_(1);
  return {{losses::gram(random({1, 3, 5, 5}, 1)), 0.5, {}},
          {losses::gram(random({1, 3, 7, 5}, 2)), 2.0, {}},
          {losses::gram(random({1, 3, 4, 4}, 3)), 1.5, half}};
}

TEST(GramLoss, SumsSeveralStylesByTheirWeights) {
  const auto f = random({2, 3, 4, 6}, 4);
  const auto targets = several_targets();
  const auto distance = GramDistance::kRelative;
  const auto want = 0.5 * losses::gram_loss(f, targets[0].gram, distance) +
                    2.0 * losses::gram_loss(f, targets[1].gram, distance) +
                    1.5 * losses::gram_loss(f.slice(3, 0, 3), targets[2].gram, distance);
  EXPECT_NEAR(losses::gram_loss(f, targets, distance).item<double>(), want.item<double>(), 1e-12);
}

TEST(GramLoss, ClosedFormEqualsAutograd) {
  for (const auto distance : kDistances) {
    const auto x = random({2, 3, 4, 6}, 4).requires_grad_();
    const auto loss = losses::gram_loss(x, several_targets(), distance);
    loss.backward();
    const auto closed = losses::gram_loss_with_gradient(x, several_targets(), distance);
    EXPECT_NEAR(closed.loss, loss.item<double>(), 1e-12);
    EXPECT_TRUE(torch::allclose(closed.gradient, x.grad(), 1e-9, 1e-12));
    EXPECT_FALSE(closed.gradient.requires_grad());
  }
}

TEST(GramLoss, ClosedFormKeepsTheMemoryLayout) {
  const auto plain = random({2, 3, 4, 6}, 4);
  const auto last = plain.contiguous(torch::MemoryFormat::ChannelsLast);
  const auto want = losses::gram_loss_with_gradient(plain, several_targets(), GramDistance::kRelative);
  const auto got = losses::gram_loss_with_gradient(last, several_targets(), GramDistance::kRelative);
  EXPECT_NEAR(got.loss, want.loss, 1e-12);
  EXPECT_TRUE(torch::allclose(got.gradient, want.gradient));
  EXPECT_TRUE(want.gradient.is_contiguous());
  EXPECT_TRUE(got.gradient.is_contiguous(torch::MemoryFormat::ChannelsLast));
}

TEST(GramLoss, ClosedFormIsTheFormulaOfTheBook) {  // d‖G − A‖²/dF = 4/(H·W) (G − A) F
  const auto f = random({1, 3, 4, 5}, 1);
  const auto a = losses::gram(random({1, 3, 4, 5}, 2));
  const auto want = (4. / 20) * (losses::gram(f) - a).matmul(f.flatten(2)).view_as(f) / 9;  // mean of nine
  const auto closed = losses::gram_loss_with_gradient(f, {{a, 1, {}}}, GramDistance::kMeanSquared);
  EXPECT_TRUE(torch::allclose(closed.gradient, want));
}

TEST(ReadGram, IsTheGramMatrixOfTheMappedFeatures) {
  const auto f = random({2, 3, 4, 5}, 1), readout = random({3, 3}, 2) - 0.5;
  const auto want = losses::gram(torch::conv2d(f, readout.view({3, 3, 1, 1})));
  EXPECT_TRUE(torch::allclose(losses::read_gram(losses::gram(f), readout), want));
  EXPECT_TRUE(losses::read_gram(want, {}).equal(want));
}

TEST(GramLoss, ClosedFormWithAReadoutEqualsAutogradOfTheMappedFeatures) {
  const auto readout = random({3, 3}, 9) - 0.5;
  auto targets = several_targets();
  targets[1].gram = losses::gram(random({2, 3, 7, 5}, 5));  // one target per sample
  for (const auto distance : kDistances) {
    const auto x = random({2, 3, 4, 6}, 4).requires_grad_();
    const auto loss = losses::gram_loss(torch::conv2d(x, readout.view({3, 3, 1, 1})), targets, distance);
    loss.backward();
    const auto closed = losses::gram_loss_with_gradient(x, targets, distance, readout);
    EXPECT_NEAR(closed.loss, loss.item<double>(), 1e-12);
    EXPECT_TRUE(torch::allclose(closed.gradient, x.grad(), 1e-9, 1e-12));
  }
}

TEST(GramLoss, ClosedFormWithAReadoutMatchesFiniteDifferences) {
  const auto readout = random({3, 3}, 9) - 0.5, at = random({2, 3, 4, 6}, 4), direction = random({2, 3, 4, 6}, 5) - 0.5;
  for (const auto distance : kDistances) {
    const auto value = [&](double step) {
      return losses::gram_loss_with_gradient(at + step * direction, several_targets(), distance, readout).loss;
    };
    const auto gradient = losses::gram_loss_with_gradient(at, several_targets(), distance, readout).gradient;
    const double numeric = (value(1e-5) - value(-1e-5)) / 2e-5;
    EXPECT_NEAR((gradient * direction).sum().item<double>(), numeric, kGradientTolerance * std::abs(numeric));
  }
}

TEST(GramLoss, IsTheMeanOverTheBatch) {
  const auto f = random({2, 3, 4, 6}, 4), readout = random({3, 3}, 9);
  const auto both = losses::gram_loss_with_gradient(f, several_targets(), GramDistance::kRelative, readout);
  double sum = 0;
  for (std::int64_t n = 0; n < 2; ++n) {
    const auto one = f.narrow(0, n, 1);
    const auto alone = losses::gram_loss_with_gradient(one, several_targets(), GramDistance::kRelative, readout);
    sum += alone.loss / 2;
    EXPECT_TRUE(torch::allclose(both.gradient.narrow(0, n, 1), alone.gradient / 2));
  }
  EXPECT_NEAR(both.loss, sum, 1e-12);
}

TEST(GramLoss, ATargetOfZeroGivesNumbers) {
  for (const auto distance : kDistances) {
    const auto x = random({1, 3, 4, 4}, 1).requires_grad_();
    losses::gram_loss(x, torch::zeros({1, 3, 3}, torch::kDouble), distance).backward();
    EXPECT_TRUE(x.grad().isfinite().all().item<bool>());
  }
}

TEST(GramLoss, RefusesWhatDoesNotFit) {
  const auto f = random({2, 3, 4, 4}, 1);
  EXPECT_THROW(losses::gram_loss(f, torch::zeros({1, 8, 8})), Error);
  EXPECT_THROW(losses::gram_loss(f, torch::zeros({3, 3, 3})), Error);
  EXPECT_THROW(losses::gram_loss(f, std::vector<losses::GramTarget>{}, GramDistance::kPaper), Error);
  EXPECT_THROW(losses::gram_loss_with_gradient(f, {}, GramDistance::kPaper), Error);
  const auto target = losses::GramTarget{losses::gram(f), 1, {}};
  EXPECT_THROW(losses::gram_loss_with_gradient(f, {target}, GramDistance::kPaper, random({4, 4}, 1)), Error);
  EXPECT_THROW(losses::read_gram(target.gram, random({3, 2}, 1)), Error);
}

}  // namespace
}  // namespace atelier
