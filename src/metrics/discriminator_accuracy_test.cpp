#include "metrics/discriminator_accuracy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "atelier/error.h"

namespace atelier {
namespace {

using Scores = std::vector<double>;

TEST(DiscriminatorAccuracy, ByHand) {
  const Scores real = {0.9, 0.6, 0.4, 0.8}, fake = {0.1, 0.7};
  const auto found = discriminator_accuracy(real, fake);
  EXPECT_DOUBLE_EQ(found.real, 0.75);
  EXPECT_DOUBLE_EQ(found.fake, 0.5);
  EXPECT_DOUBLE_EQ(found.accuracy, 0.625);
  EXPECT_DOUBLE_EQ(found.best_accuracy, 0.75);  // above 0.25: all real, one of two fake; above 0.75: half and all
  EXPECT_DOUBLE_EQ(found.best_threshold, 0.25);
}

TEST(DiscriminatorAccuracy, FindsTheThresholdOfShiftedScores) {
  const Scores real = {3, 4, 5}, fake = {1, 2};
  const auto found = discriminator_accuracy(real, fake);
  EXPECT_DOUBLE_EQ(found.accuracy, 0.5);
  EXPECT_DOUBLE_EQ(found.best_accuracy, 1);
  EXPECT_DOUBLE_EQ(found.best_threshold, 2.5);
  EXPECT_DOUBLE_EQ(discriminator_accuracy(real, fake, 2.5).accuracy, 1);
}

TEST(DiscriminatorAccuracy, IsHalfForEqualScores) {
  const Scores same = {0.5, 0.5, 0.7};
  const auto found = discriminator_accuracy(same, same);
  EXPECT_DOUBLE_EQ(found.accuracy, 0.5);
  EXPECT_NEAR(found.best_accuracy, 0.5, 1e-12);
  EXPECT_DOUBLE_EQ(discriminator_accuracy(Scores{0.5}, Scores{0.5}).real, 0);  // 0.5 does not pass for real
}

TEST(DiscriminatorAccuracy, RefusesNoScoresAndNan) {
  EXPECT_THROW(discriminator_accuracy(Scores{}, Scores{1}), Error);
  EXPECT_THROW(discriminator_accuracy(Scores{1}, Scores{}), Error);
  EXPECT_THROW(discriminator_accuracy(Scores{std::nan("")}, Scores{1}), Error);
}

}  // namespace
}  // namespace atelier
