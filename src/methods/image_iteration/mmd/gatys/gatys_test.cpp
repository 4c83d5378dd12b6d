#include <gtest/gtest.h>
#include <torch/torch.h>

#include "atelier/error.h"
#include "encoders/random_chain.h"
#include "methods/picture_objective.h"
#include "support/fixture_pair.h"
#include "support/golden.h"

namespace atelier::methods::gatys {
namespace {

std::shared_ptr<const Encoder> small_encoder() {
  return std::make_shared<const Encoder>(random_chain({1, 1}, {6, 8}),
                                         EncoderOptions{.precision = Precision::kFloat32});
}

ObjectiveSettings small_settings() {
  ObjectiveSettings settings;
  settings.content_layers = parse_layers("relu2_1");
  settings.style_layers = parse_layers("relu1_1,relu2_1:3");
  settings.content_weight = 1;
  settings.tv_weight = 0.1;
  return settings;
}

Inputs pair() {
  auto inputs = fixture_pair();
  inputs.seed = 1;
  inputs.precision = "fp32";
  return inputs;
}

const Scale kFull{64, 64, 1};

TEST(GatysLayers, ReadsNamesAndWeights) {
  const auto layers = parse_layers("relu1_1,relu4_2:0.25");
  ASSERT_EQ(layers.size(), 2U);
  EXPECT_EQ(layers[0].tap, "relu1_1");
  EXPECT_EQ(layers[0].weight, 1);
  EXPECT_EQ(layers[1].weight, 0.25);
}

TEST(GatysLayers, RefusesWhatIsNoList) {
  for (const auto* text : {"", "relu1_1:x", "relu1_1:-1", "relu1_1:0", "relu1_1:1e999"})
    EXPECT_THROW(parse_layers(text), Error) << text;
}

TEST(GatysObjective, TheContentTermOfThePhotoIsZero) {
  const auto objective = make_objective(small_encoder(), pair(), small_settings(), kFull);
  const auto loss = objective(pair().content);
  EXPECT_EQ(loss.terms[0].first, "content");
  EXPECT_NEAR(loss.terms[0].second, 0, 1e-9);
  EXPECT_GT(loss.terms[1].second, 0.01);
}

TEST(GatysObjective, TotalVariationWeighsMoreWhereThePhotoIsFlat) {
  auto inputs = pair();
  inputs.content = torch::full({1, 3, 64, 64}, 0.5);
  auto settings = small_settings();
  const auto tv_of = [&] {
    const auto loss = make_objective(small_encoder(), inputs, settings, kFull)(pair().content);
    EXPECT_EQ(loss.terms[2].first, "tv");
    return loss.terms[2].second;
  };
  const double plain = tv_of();
  settings.flat_tv = 20;
  EXPECT_NEAR(tv_of(), 21 * plain, 1e-4 * plain);
  inputs.content = torch::rand({1, 3, 64, 64}).round();
  EXPECT_NEAR(tv_of(), plain, 1e-2 * plain);
}

TEST(GatysObjective, TheStyleTermOfTheStyleIsZero) {
  const auto objective = make_objective(small_encoder(), pair(), small_settings(), kFull);
  EXPECT_NEAR(objective(pair().styles[0].picture).terms[1].second, 0, 1e-9);
}

TEST(GatysObjective, RelativeLossesAreRatios) {
  auto settings = small_settings();
  settings.tv_weight = 0;
  settings.style_layers = parse_layers("relu1_1");
  const auto encoder = small_encoder();
  const auto inputs = pair();
  const auto x = torch::full({1, 3, 64, 64}, 0.5);
  const auto loss = make_objective(encoder, inputs, settings, kFull)(x);
  const auto f = encoder->features(x, {"relu2_1"})[0], p = encoder->features(inputs.content, {"relu2_1"})[0];
  EXPECT_NEAR(loss.terms[0].second, ((f - p).square().sum() / p.square().sum()).item<double>(), 1e-5);
  const auto gram = [&](const Tensor& picture) {
    const auto rows = encoder->features(picture, {"relu1_1"})[0].flatten(2)[0];
    return rows.matmul(rows.t()) / (64 * 64);
  };
  const auto g = gram(x), a = gram(inputs.styles[0].picture);
  EXPECT_NEAR(loss.terms[1].second, ((g - a).square().sum() / a.square().sum()).item<double>(), 1e-5);
}

TEST(GatysObjective, GradientMatchesFiniteDifferences) {
  for (const bool paper : {false, true}) {
    auto settings = small_settings();
    settings.paper = paper;
    const auto objective = make_objective(small_encoder(), pair(), settings, kFull);
    torch::manual_seed(2);
    const auto at = pair().content * 0.9 + 0.05 * torch::rand({1, 3, 64, 64});
    const auto direction = torch::randn({1, 3, 64, 64}) / 110;
    const double slope = (objective(at).gradient * direction).sum().item<double>();
    const double step = 1e-2;  // float32 losses: large enough to stand out of their rounding
    const double numeric =
        (objective(at + direction * step).total() - objective(at - direction * step).total()) / (2 * step);
    EXPECT_NEAR(slope, numeric, 0.02 * std::abs(numeric)) << "paper " << paper;
  }
}

TEST(GatysObjective, PaperLossesAreTheirSums) {
  auto settings = small_settings();
  settings.paper = true;
  settings.tv_weight = 0;
  settings.style_layers = parse_layers("relu2_1");
  const auto encoder = small_encoder();
  const auto inputs = pair();
  const auto x = read_fixture("photo_64.png").flip(3).contiguous();
  const auto loss = make_objective(encoder, inputs, settings, kFull)(x);
  const auto f = encoder->features(x, {"relu2_1"})[0], p = encoder->features(inputs.content, {"relu2_1"})[0],
             s = encoder->features(inputs.styles[0].picture, {"relu2_1"})[0];
  EXPECT_NEAR(loss.terms[0].second, 0.5 * (f - p).square().sum().item<double>(), 1e-3 * loss.terms[0].second);
  const auto rows = f.flatten(2)[0].to(torch::kDouble), style_rows = s.flatten(2)[0].to(torch::kDouble);
  const double n = 8, m = 32 * 32;
  const double wanted =
      (rows.matmul(rows.t()) - style_rows.matmul(style_rows.t())).square().sum().item<double>() / (4 * n * n * m * m);
  EXPECT_NEAR(loss.terms[1].second, wanted, 1e-3 * wanted);
}

TEST(GatysObjective, TwoStylesOfEqualPictureCountAsOne) {
  const auto encoder = small_encoder();
  auto twice = pair();
  twice.styles.push_back(twice.styles[0]);
  twice.styles[1].weight = 5;
  const auto x = torch::full({1, 3, 64, 64}, 0.4);
  EXPECT_NEAR(make_objective(encoder, twice, small_settings(), kFull)(x).total(),
              make_objective(encoder, pair(), small_settings(), kFull)(x).total(), 1e-5);
}

TEST(GatysObjective, AMaskConfinesTheGradientToItsRegion) {
  auto inputs = pair();
  auto settings = small_settings();
  settings.content_weight = 0;
  settings.tv_weight = 0;
  auto mask = torch::zeros({1, 1, 64, 64});
  mask.narrow(3, 0, 32).fill_(1);
  inputs.styles[0].mask = mask;
  const auto gradient = make_objective(small_encoder(), inputs, settings, kFull)(inputs.content).gradient;
  EXPECT_GT(gradient.narrow(3, 0, 28).abs().max().item<float>(), 0);
  EXPECT_EQ(gradient.narrow(3, 40, 24).abs().max().item<float>(), 0);
}

TEST(Gatys, LooksAsItDid) {  // few steps: after thirty, the rounding of another processor has grown to 29 dB
  const auto& info = find_method("gatys");
  const auto out = info.make(Values(info.options, {{"steps", "12"}}))->run(pair(), {});
  expect_golden("gatys_photo_painting.png", out, {.psnr_db = 40, .folder = "src/methods/image_iteration/mmd/gatys"});
}

TEST(Gatys, RefusesToWorkWithoutAStyle) {
  const auto& info = find_method("gatys");
  auto inputs = pair();
  inputs.styles.clear();
  EXPECT_THROW(info.make(Values(info.options, {}))->run(inputs, {}), Error);
}

TEST(Gatys, ForecastsItsSecondsWithoutChangingThePicture) {
  const auto& info = find_method("gatys");
  const Values values(info.options, {{"steps", "3"}});
  const auto plain = info.make(values), asked = info.make(values);
  const double seconds = asked->seconds_forecast(pair());
  EXPECT_GT(seconds, 0);
  EXPECT_TRUE(std::isfinite(seconds));
  EXPECT_TRUE(asked->run(pair(), {}).equal(plain->run(pair(), {})));
  auto nothing = pair();
  nothing.strength = 0;
  EXPECT_EQ(asked->seconds_forecast(nothing), 0);
}

TEST(Gatys, ForecastsMoreMemoryForLargerPictures) {
  const auto& info = find_method("gatys");
  auto inputs = pair();
  const auto method = info.make(Values(info.options, {}));
  const auto small = method->memory_forecast(inputs);
  inputs.content = torch::rand({1, 3, 128, 128});
  EXPECT_NEAR(static_cast<double>(method->memory_forecast(inputs)), 4.0 * static_cast<double>(small),
              0.01 * static_cast<double>(small));
}

}  // namespace
}  // namespace atelier::methods::gatys
