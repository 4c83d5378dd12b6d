#include <gtest/gtest.h>
#include <torch/torch.h>
#include <unistd.h>

#include "atelier/error.h"
#include "methods/method.h"
#include "methods/model_iteration/generative/conditional_in/fit.h"
#include "methods/model_iteration/generative/conditional_in/network.h"
#include "support/fixtures.h"
#include "weights/safetensors.h"
#include "weights/style_store.h"

namespace atelier::methods::conditional_in {
namespace {

namespace fs = std::filesystem;

/// A random network of two styles that differ, in a file.
class ConditionalInTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              ("cin" + std::to_string(::getpid()) + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_ / "photos");
    fs::copy_file(fixture("photo_128.png"), folder_ / "photos/a.png");
    auto network = painting_network(2, 1, {4, 4, 4, 8, 1, 1});
    for (auto& [name, tensor] : network.parameters)
      if (tensor.dim() == 2) tensor += torch::rand_like(tensor);
    auto weights = write_network(network, false);
    weights.metadata["kind"] = "style";
    weights.metadata["method"] = "conditional-in";
    weights.metadata["styles"] = R"(["first","second"])";
    write_safetensors(folder_ / "model.safetensors", weights);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string model() const { return (folder_ / "model.safetensors").string(); }

  Style style(const std::string& entry, double weight = 1, Tensor mask = {}) const {
    Style style;
    style.model = model();
    style.entry = entry;
    style.weight = weight;
    style.mask = std::move(mask);
    return style;
  }

  Tensor paint(const std::vector<Style>& styles, const Tensor& photo) const {
    Inputs inputs;
    inputs.content = photo;
    inputs.styles = styles;
    inputs.precision = "fp32";
    const auto info = find_method("conditional-in");
    return info.make(Values(info.options, {}))->run(inputs, {});
  }

  fs::path folder_;
  Tensor photo_ = read_fixture("photo_64.png");
};

TEST_F(ConditionalInTest, BlendsStylesInsideTheNetwork) {
  const auto first = paint({style("first")}, photo_), second = paint({style("second")}, photo_);
  const auto both = paint({style("first", 3), style("second", 1)}, photo_);
  EXPECT_GT((first - second).abs().mean().item<double>(), 1e-3);
  EXPECT_LT((both - first).abs().mean().item<double>(), (both - second).abs().mean().item<double>());
  const auto overlaid = 0.75 * first + 0.25 * second;
  EXPECT_GT((both - overlaid).abs().max().item<double>(), 1e-4);
}

TEST_F(ConditionalInTest, MasksDivideThePicture) {
  auto left = torch::zeros({1, 1, photo_.size(2), photo_.size(3)});
  left.narrow(3, 0, photo_.size(3) / 2).fill_(1);
  const auto painted = paint({style("first", 1, left), style("second", 1, 1 - left)}, photo_);
  const auto first = paint({style("first")}, photo_), second = paint({style("second")}, photo_);
  EXPECT_TRUE(torch::allclose(painted * left + second * (1 - left), second + left * (first - second), 1e-4, 1e-5));
}

TEST_F(ConditionalInTest, TakesSidesOfAnyLength) {
  const auto photo = photo_.narrow(2, 0, 37).narrow(3, 0, 51).contiguous();
  EXPECT_EQ(paint({style("first")}, photo).sizes(), photo.sizes());
}

TEST_F(ConditionalInTest, RefusesAStyleThatTheModelDoesNotHold) {
  EXPECT_THROW(paint({style("third")}, photo_), Error);
  EXPECT_THROW(paint({style("")}, photo_), Error);
}

TEST_F(ConditionalInTest, FitsAPaintingByTheWholeNetwork) {
  FitRequest request;
  request.painting = read_fixture("painting_128.png");
  request.photos = {folder_ / "photos"};
  request.precision = "fp32";
  double first = 0, last = 0;
  const auto fitted = fit_style(request, model(), 12, [&](const Progress& progress) {
    if (progress.step > 0) (progress.step == 1 ? first : last) = progress.terms[2].second;
    return true;
  });
  EXPECT_LT(last, first);
  const auto before = read_network(read_safetensors(model())), after = read_network(fitted);
  EXPECT_FALSE(torch::allclose(before.parameters.at("out.weight"), after.parameters.at("out.weight"), 1e-3, 1e-3));
  EXPECT_EQ(after.parameters.at("in_norm.weight").size(0), 1);
  EXPECT_EQ(fitted.metadata.at("method"), "conditional-in");
}

TEST_F(ConditionalInTest, ATimeBudgetEndsTheFitWithWhatItHasLearnt) {
  FitRequest request;
  request.painting = read_fixture("painting_128.png");
  request.photos = {folder_ / "photos"};
  request.time_budget = 1;
  int made = 0, trials = 0;
  const auto fitted = fit_style(request, model(), 100'000, [&](const Progress& progress) {
    progress.step > 0 ? void(made = progress.step) : void(++trials);
    EXPECT_LT(progress.steps, 100'000);
    return true;
  });
  EXPECT_GE(made, 1);
  EXPECT_LT(made, 10'000);
  EXPECT_EQ(fitted.metadata.at("steps"), std::to_string(made));
  request.time_budget = 1e-6;  // used up from the start: one style is tried, one step is made
  made = trials = 0;
  fit_style(request, model(), 100'000, [&](const Progress& progress) {
    progress.step > 0 ? void(++made) : void(++trials);
    return true;
  });
  EXPECT_EQ(trials, 1);
  EXPECT_EQ(made, 1);
}

TEST_F(ConditionalInTest, AStoppedFitKeepsNothing) {
  FitRequest request;
  request.painting = read_fixture("painting_128.png");
  request.photos = {folder_ / "photos"};
  for (const int allowed : {0, 1, 3}) {  // while the model's two styles are tried, and after the second step
    int told = 0;
    try {
      fit_style(request, model(), 100, [&](const Progress&) { return told++ < allowed; });
      FAIL() << "went on";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kStopped);
      EXPECT_EQ(told, allowed + 1);
    }
  }
}

std::vector<StyleCard> gallery() {
  std::vector<StyleCard> cards;
  for (const auto& card : list_styles())
    if (card.embedded() && card.method == "conditional-in") cards.push_back(card);
  return cards;
}

TEST(Gallery, HoldsManyStylesOfArtistsLongDead) {
  const auto cards = gallery();
  EXPECT_GE(cards.size(), 24u);
  constexpr int kYearOfRelease = 2026, kProtection = 70;
  for (const auto& card : cards) {
    EXPECT_FALSE(card.title.empty() || card.artist.empty() || card.year.empty() || card.medium.empty()) << card.name;
    EXPECT_FALSE(card.credit.empty()) << card.name;
    EXPECT_LT(std::stoi(card.died) + kProtection, kYearOfRelease) << card.name;
    EXPECT_EQ(style_thumbnail(card).substr(0, 2), "\xff\xd8") << card.name;
  }
}

TEST(Gallery, EveryStylePaintsInItsOwnWay) {
  const auto photo = read_fixture("photo_64.png");
  const auto info = find_method("conditional-in");
  const auto method = info.make(Values(info.options, {}));
  std::vector<Tensor> painted{photo};
  for (const auto& card : gallery()) {
    Inputs inputs;
    inputs.content = photo;
    inputs.styles.resize(1);
    inputs.styles[0].model = card.model;
    inputs.styles[0].entry = card.entry;
    inputs.precision = "fp32";
    painted.push_back(method->run(inputs, {}));
    for (std::size_t i = 0; i + 1 < painted.size(); ++i)
      EXPECT_GT((painted.back() - painted[i]).abs().mean().item<double>(), 0.01) << card.name << " and number " << i;
  }
}

}  // namespace
}  // namespace atelier::methods::conditional_in
