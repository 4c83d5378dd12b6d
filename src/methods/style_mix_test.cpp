#include "methods/style_mix.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"

namespace atelier {
namespace {

Style style(double weight, Tensor mask = {}) {
  Style one;
  one.weight = weight;
  one.mask = std::move(mask);
  return one;
}

Tensor row(const std::vector<float>& values) {
  return torch::tensor(values).reshape({1, 1, 1, static_cast<std::int64_t>(values.size())});
}

bool near(const Tensor& a, const Tensor& b) { return a.sizes() == b.sizes() && a.allclose(b, 1e-5, 1e-6); }

/// A network that makes everything lighter by `amount`.
Stylise lighter(float amount) {
  return [amount](const Tensor& picture) { return picture + amount; };
}

TEST(StyleShares, WithoutMasksFollowTheWeights) {
  const auto shares = style_shares({style(3), style(1)}, 2, 3);
  EXPECT_TRUE(shares.uniform);
  EXPECT_TRUE(near(shares.maps[0], torch::full({1, 1, 2, 3}, 0.75)));
  EXPECT_TRUE(near(shares.maps[1], torch::full({1, 1, 2, 3}, 0.25)));
  EXPECT_TRUE(near(shares.photo, torch::zeros({1, 1, 2, 3})));
}

TEST(StyleShares, MatchValuesByHand) {
  // Complementary at first, overlapping in the middle, half and not covered at the end.
  const auto shares = style_shares({style(1, row({1, 0.5F, 1, 0.5F, 0})), style(3, row({0, 0.5F, 1, 0, 0}))}, 1, 5);
  EXPECT_FALSE(shares.uniform);
  EXPECT_TRUE(near(shares.maps[0], row({1, 0.25F, 0.25F, 0.5F, 0}))) << shares.maps[0];
  EXPECT_TRUE(near(shares.maps[1], row({0, 0.75F, 0.75F, 0, 0}))) << shares.maps[1];
  EXPECT_TRUE(near(shares.photo, row({0, 0, 0, 0.5F, 1}))) << shares.photo;
}

TEST(StyleShares, SumToOneForAnyMasksAndSizes) {
  torch::manual_seed(3);
  const auto shares = style_shares(
      {style(1, torch::rand({1, 1, 8, 8})), style(2), style(5, torch::rand({1, 1, 8, 8}).gt(0.5).to(torch::kFloat))}, 5,
      7);
  const auto sum = shares.maps[0] + shares.maps[1] + shares.maps[2] + shares.photo;
  EXPECT_TRUE(near(sum, torch::ones({1, 1, 5, 7}))) << sum;
}

TEST(StyleShares, RefuseWhatHasNoMeaning) {
  EXPECT_THROW(style_shares({}, 4, 4), Error);
  EXPECT_THROW(style_shares({style(0)}, 4, 4), Error);
}

TEST(MixPictures, WeighsEachPixelByItsShares) {
  const auto shares = style_shares({style(1, row({1, 0, 0.5F}))}, 1, 3);
  const auto photo = torch::zeros({1, 3, 1, 3}), painted = torch::ones({1, 3, 1, 3});
  EXPECT_TRUE(near(mix_pictures(photo, {painted}, shares), row({1, 0, 0.5F}).expand({1, 3, 1, 3})));
}

TEST(MixPictures, OfOneStyleIsThatStylesPicture) {
  const auto painted = torch::rand({1, 3, 4, 4});
  EXPECT_TRUE(mix_pictures(torch::rand({1, 3, 4, 4}), {painted}, style_shares({style(7)}, 4, 4)).equal(painted));
}

TEST(MixPictures, RefusesOtherNumbersAndSizes) {
  const auto shares = style_shares({style(1)}, 4, 4);
  EXPECT_THROW(mix_pictures(torch::rand({1, 3, 4, 4}), {}, shares), Error);
  EXPECT_THROW(mix_pictures(torch::rand({1, 3, 4, 4}), {torch::rand({1, 3, 4, 5})}, shares), Error);
}

TEST(WithStrength, GoesFromThePhotoThroughTheNetworksResultToItsSecondPass) {
  const auto photo = torch::full({1, 3, 2, 2}, 0.1F);
  const std::pair<double, double> expected[] = {{0, 0.1}, {25, 0.2}, {50, 0.3}, {75, 0.4}, {100, 0.5}};
  for (const auto& [strength, value] : expected)
    EXPECT_NEAR(with_strength(photo, strength, lighter(0.2F)).mean().item<double>(), value, 1e-6) << strength;
}

TEST(WithStrength, StaysInRangeAndRunsTheNetworkNoMoreThanNeeded) {
  int runs = 0;
  const Stylise wild = [&](const Tensor& picture) {
    ++runs;
    EXPECT_LE(picture.max().item<float>(), 1);
    return picture * 5 - 1;
  };
  const std::pair<double, int> expected[] = {{0, 0}, {30, 1}, {50, 1}, {51, 2}, {100, 2}};
  for (const auto& [strength, count] : expected) {
    runs = 0;
    const auto out = with_strength(torch::rand({1, 3, 4, 4}), strength, wild);
    EXPECT_EQ(runs, count) << strength;
    EXPECT_GE(out.min().item<float>(), 0);
    EXPECT_LE(out.max().item<float>(), 1);
  }
}

TEST(Padding, ReflectsAndIsUndoneByCropping) {
  const auto picture = torch::arange(30, torch::kFloat).reshape({1, 1, 5, 6}).expand({1, 3, 5, 6});
  const auto padded = pad_to_multiple(picture, 4);
  EXPECT_EQ(padded.sizes(), (std::vector<std::int64_t>{1, 3, 8, 8}));
  EXPECT_EQ((padded[0][0][5][7].item<float>()), (picture[0][0][3][3].item<float>()));
  EXPECT_TRUE(crop_to(padded, 5, 6).equal(picture));
  EXPECT_TRUE(pad_to_multiple(padded, 4).is_same(padded));
}

TEST(Padding, RepeatsTheEdgeOfPicturesTooSmallToReflect) {
  const auto padded = pad_to_multiple(torch::full({1, 3, 2, 3}, 0.5F), 16);
  EXPECT_TRUE(padded.equal(torch::full({1, 3, 16, 16}, 0.5F)));
}

TEST(Cropping, RefusesSmallerPictures) { EXPECT_THROW(crop_to(torch::rand({1, 3, 4, 4}), 5, 4), Error); }

class PaintFeedForward : public testing::Test {
 protected:
  PaintFeedForward() {
    inputs_.content = torch::full({1, 3, 2, 2}, 0.1F);
    inputs_.styles = {style(1), style(3)};
    inputs_.styles[1].entry = "dark";
  }
  /// The second style makes the picture darker.
  Tensor paint() {
    return paint_feed_forward(inputs_, on_progress_, "painting", [&](const Tensor& picture, const Style& of) {
      ++runs_;
      return of.entry == "dark" ? picture - 0.1F : picture + 0.3F;
    });
  }

  Inputs inputs_;
  OnProgress on_progress_;
  int runs_ = 0;
};

TEST_F(PaintFeedForward, MixesTheStylesByTheirWeights) {
  EXPECT_NEAR(paint().mean().item<double>(), 0.25 * 0.4 + 0.75 * 0, 1e-6);
}

TEST_F(PaintFeedForward, CountsItsRuns) {
  inputs_.strength = 80;
  std::vector<int> steps;
  on_progress_ = [&](const Progress& progress) {
    EXPECT_EQ(progress.steps, 4);
    EXPECT_EQ(progress.preview().width, 2);
    steps.push_back(progress.step);
    return true;
  };
  paint();
  EXPECT_EQ(runs_, 4);
  EXPECT_EQ(steps, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST_F(PaintFeedForward, StopsWithWhatThereIsOrNothing) {
  on_progress_ = [&](const Progress& progress) { return progress.step < 1; };
  try {
    paint();
    ADD_FAILURE() << "it went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kStopped);
  }
  EXPECT_EQ(runs_, 1);
  inputs_.keep_best_on_stop = true;
  inputs_.strength = 100;
  EXPECT_NEAR(paint().mean().item<double>(), 0.25 * 0.4 + 0.75 * 0.1, 1e-6);
  EXPECT_EQ(runs_, 2);
}

TEST_F(PaintFeedForward, GivesThePhotoForStrengthZeroWithoutRunning) {
  inputs_.strength = 0;
  EXPECT_TRUE(paint().equal(inputs_.content));
  EXPECT_EQ(runs_, 0);
}

TEST_F(PaintFeedForward, NeedsAStyle) {
  inputs_.styles.clear();
  EXPECT_THROW(paint(), Error);
}

}  // namespace
}  // namespace atelier
