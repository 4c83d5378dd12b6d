#include "training/perceptual_loss.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "encoders/random_chain.h"
#include "losses/tv.h"
#include "support/numeric_gradient.h"

namespace atelier {
namespace {

const PerceptualLoss::Settings kSettings{{"relu1_1", "relu2_1"}, "relu2_2", 0.1};

std::shared_ptr<const Encoder> small_encoder() {
  auto chain = random_chain({1, 2}, {4, 6});
  chain.readouts["relu2_1"] = torch::rand({6, 6, 1, 1});
  chain.readouts["relu2_2"] = torch::rand({6, 6, 1, 1});
  return std::make_shared<const Encoder>(chain, EncoderOptions{.precision = Precision::kFloat32});
}

/// At x [2, 3, 8, 8] the gradient is that of finite differences.
void expect_gradient(const PerceptualLoss& loss, const Tensor& x, const PerceptualLoss::Wanted& wanted) {
  const auto found = loss.evaluate(x, wanted).gradient;
  for (const std::int64_t at : {0, 77, 200, 383}) {
    const double step = 1e-6;
    auto above = x.clone(), below = x.clone();
    above.view(-1)[at] += step;
    below.view(-1)[at] -= step;
    const double slope = (loss.evaluate(above, wanted).loss - loss.evaluate(below, wanted).loss) / (2 * step);
    EXPECT_NEAR(found.view(-1)[at].item<double>(), slope, 1e-5 * (1 + std::abs(slope))) << at;
  }
}

TEST(PerceptualLoss, GradientAgreesWithFiniteDifferences) {
  torch::manual_seed(3);
  const PerceptualLoss loss(small_encoder(), kSettings);
  const auto a = loss.targets(torch::rand({1, 3, 12, 10}, torch::kDouble));
  const auto b = loss.targets(torch::rand({1, 3, 8, 8}, torch::kDouble), torch::rand({3, 3, 8, 8}, torch::kDouble));
  const PerceptualLoss::Wanted wanted{torch::rand({2, 3, 8, 8}, torch::kDouble), {&a, &b}, {0.5, 2}};
  expect_gradient(loss, torch::rand({2, 3, 8, 8}, torch::kDouble), wanted);
}

TEST(PerceptualLoss, PooledGramMatricesAreThoseOfTheBatchTogether) {
  PerceptualLoss::Settings settings{{"relu1_1"}, "relu2_2"};
  const auto encoder = small_encoder();
  const PerceptualLoss each(encoder, settings);
  settings.pooled_grams = true;
  const PerceptualLoss pooled(encoder, settings);
  const auto flat = torch::full({1, 3, 8, 8}, 0.2), busy = torch::rand({1, 3, 8, 8});
  auto style = each.targets(flat);
  style.grams[0] = (style.grams[0] + each.targets(busy).grams[0]) / 2;
  const auto both = torch::cat({flat, busy});
  const PerceptualLoss::Wanted wanted{torch::rand({2, 3, 8, 8}), {&style, &style}, {0, 0}};
  EXPECT_NEAR(pooled.evaluate(both, wanted).loss, 0, 1e-9);
  EXPECT_GT(each.evaluate(both, wanted).loss, 1e-3);
}

TEST(PerceptualLoss, PooledGramMatricesHaveTheGradientOfFiniteDifferences) {
  torch::manual_seed(4);
  auto settings = kSettings;
  settings.pooled_grams = true;
  const PerceptualLoss loss(small_encoder(), settings);
  const auto style = loss.targets(torch::rand({1, 3, 12, 10}, torch::kDouble));
  const auto other = loss.targets(torch::rand({1, 3, 12, 10}, torch::kDouble));
  const auto x = torch::rand({2, 3, 8, 8}, torch::kDouble), photos = torch::rand({2, 3, 8, 8}, torch::kDouble);
  expect_gradient(loss, x, {photos, {&style, &style}, {0.5, 2}});
  EXPECT_THROW(loss.evaluate(x, {photos, {&style, &other}, {0.5, 2}}), Error) << "two styles";
}

TEST(PerceptualLoss, FlatTvIsTotalVariationWhereThePhotoIsFlat) {
  torch::manual_seed(5);
  auto settings = kSettings;
  settings.flat_tv_weight = 3;
  const auto encoder = small_encoder();
  const PerceptualLoss loss(encoder, settings), without(encoder, kSettings);
  const auto style = loss.targets(torch::rand({1, 3, 12, 10}, torch::kDouble));
  const auto x = torch::rand({2, 3, 8, 8}, torch::kDouble), flat = torch::full({2, 3, 8, 8}, 0.3, torch::kDouble);
  const auto busy = torch::rand({2, 3, 8, 8}, torch::kDouble).round();
  const auto added = [&](const Tensor& photos) {
    const PerceptualLoss::Wanted wanted{photos, {&style, &style}, {1, 1}};
    return loss.evaluate(x, wanted).loss - without.evaluate(x, wanted).loss;
  };
  EXPECT_NEAR(added(flat), 3 * losses::tv_squared(x).item<double>(), 1e-9);
  EXPECT_LT(added(busy), 1e-3);
  expect_gradient(loss, x, {flat, {&style, &style}, {1, 1}});
  EXPECT_THROW(loss.evaluate(x, {{}, {&style, &style}, {1, 1}, loss.encode(flat)}), Error) << "no photos";
}

TEST(PerceptualLoss, ThePhotoHasAllContentAndItsOwnStyleDistance) {
  const PerceptualLoss loss(small_encoder(), kSettings);
  const auto style = loss.targets(torch::rand({1, 3, 16, 16}));
  const auto photo = torch::rand({1, 3, 16, 16});
  const auto result = loss.evaluate(photo, {photo, {&style}, {1}});
  EXPECT_NEAR(result.content[0], 0, 1e-6);
  EXPECT_NEAR(result.style[0], 1, 1e-5);
}

TEST(PerceptualLoss, PhotosAreOneUnitFromEveryStyle) {
  const PerceptualLoss loss(small_encoder(), {{"relu1_1", "relu2_1"}, "relu2_2", 0});
  const auto photo = torch::rand({1, 3, 16, 16});
  const auto soft = loss.targets(0.5 + 0.01 * torch::rand({1, 3, 16, 16}), photo);
  const auto strong =
      loss.targets(torch::rand({1, 3, 4, 4}).round().repeat_interleave(4, 2).repeat_interleave(4, 3), photo);
  for (const auto* style : {&soft, &strong}) EXPECT_NEAR(loss.evaluate(photo, {photo, {style}, {1}}).loss, 1, 1e-4);
}

TEST(PerceptualLoss, ThePaintingItselfHasTheStyle) {
  const PerceptualLoss loss(small_encoder(), {{"relu1_1", "relu2_1"}, "relu2_2", 0});
  const auto painting = torch::rand({1, 3, 16, 16});
  const auto style = loss.targets(painting);
  EXPECT_NEAR(loss.evaluate(painting, {torch::rand({1, 3, 16, 16}), {&style}, {0}}).loss, 0, 1e-9);
}

TEST(PerceptualLoss, RefusesWhatDoesNotFit) {
  const PerceptualLoss loss(small_encoder(), kSettings);
  const auto photo = torch::rand({2, 3, 16, 16});
  const auto style = loss.targets(photo.narrow(0, 0, 1));
  EXPECT_THROW(loss.evaluate(photo, {photo, {&style}, {1, 1}}), Error);
  EXPECT_THROW(PerceptualLoss(small_encoder(), {{}, "relu2_2", 0}), Error);
}

}  // namespace
}  // namespace atelier
