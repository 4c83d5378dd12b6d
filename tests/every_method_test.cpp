// What every line of methods.def must hold to: these tests run for each method, with no edit here.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "atelier/error.h"
#include "methods/method.h"
#include "support/fixtures.h"
#include "support/weight_files.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

/// The encoder that the program carries, so that the tests need no other file.
constexpr const char* kEncoder = "compact";

/// A method's folder is called as its namespace: "conditional_in" for conditional-in.
fs::path folder_of(const MethodInfo& info) {
  auto name = std::string(info.name);
  std::replace(name.begin(), name.end(), '-', '_');
  return fs::path(ATELIER_SOURCE) / "src/methods" / info.family / name;
}

const Option* option_of(const MethodInfo& info, const std::string& name) {
  for (const auto& option : info.options)
    if (option.name == name) return &option;
  return nullptr;
}

/// The first of the styles that a model names; empty when it names none.
std::string first_entry(const WeightSet& model) {
  const auto styles = model.metadata.find("styles");
  if (styles == model.metadata.end()) return "";
  return nlohmann::json::parse(styles->second).at(0).get<std::string>();
}

class EveryMethod : public testing::TestWithParam<std::string> {
 protected:
  /// Methods that need a model get their own tiny one, in a file of this test's.
  void SetUp() override {
    if (info().tiny_model == nullptr) return;
    const auto model = info().tiny_model();
    entry_ = first_entry(model);
    folder_ = std::make_unique<test::TemporaryFolder>();
    model_ = (*folder_ / "tiny.safetensors").string();
    write_safetensors(model_, model);
  }
  const MethodInfo& info() const { return find_method(GetParam()); }
  bool takes_pictures() const { return info().takes != Takes::kModels; }
  /// Few steps, where the method has such an option: the tests ask whether it behaves, not whether it is beautiful.
  std::map<std::string, std::string> quick() const {
    std::map<std::string, std::string> options;
    if (option_of(info(), "steps") != nullptr) options["steps"] = "3";
    if (!info().model_option.empty()) options[std::string(info().model_option)] = model_;
    return options;
  }
  Inputs small_inputs() const {
    Inputs inputs;
    inputs.content = read_fixture("photo_64.png");
    inputs.styles.resize(1);
    if (takes_pictures()) {
      inputs.styles[0].picture = read_fixture("painting_64.png");
    } else {
      inputs.styles[0].model = model_;
      inputs.styles[0].entry = entry_;
    }
    inputs.seed = 1;
    inputs.encoder = kEncoder;
    inputs.precision = "fp32";
    return inputs;
  }
  std::unique_ptr<Method> make() const { return info().make(Values(info().options, quick())); }
  Tensor run(
      const Inputs& inputs, const OnProgress& on_progress = [](const Progress&) { return true; }) const {
    return make()->run(inputs, on_progress);
  }

 private:
  std::unique_ptr<test::TemporaryFolder> folder_;
  std::string model_, entry_;
};

/// Readable parameters in the tests' names: letters and digits only.
std::string test_name(const testing::TestParamInfo<std::string>& param) {
  return std::regex_replace(param.param, std::regex("[^A-Za-z0-9]"), "_");
}

std::vector<std::string> names() {
  std::vector<std::string> list;
  for (const auto& info : all_methods()) list.emplace_back(info.name);
  return list;
}

INSTANTIATE_TEST_SUITE_P(Catalogue, EveryMethod, testing::ValuesIn(names()), test_name);

void expect_picture_like(const Tensor& out, const Tensor& content) {
  EXPECT_EQ(out.sizes(), content.sizes());
  EXPECT_EQ(out.scalar_type(), at::kFloat);
  EXPECT_FALSE(out.requires_grad());
  EXPECT_TRUE(out.isfinite().all().item<bool>());
  EXPECT_GE(out.min().item<float>(), 0);
  EXPECT_LE(out.max().item<float>(), 1);
}

TEST(Catalogue, NamesAreUnique) {
  const auto list = names();
  EXPECT_EQ(std::set<std::string>(list.begin(), list.end()).size(), list.size());
}

TEST_P(EveryMethod, IsDescribedInFull) {
  EXPECT_TRUE(std::regex_match(std::string(info().name), std::regex("[a-z][a-z0-9-]*")));
  EXPECT_TRUE(std::regex_search(std::string(info().citation), std::regex("\\b(19|20)[0-9]{2}\\b")))
      << "the citation names no year";
  EXPECT_FALSE(info().summary.empty());
  EXPECT_TRUE(info().make != nullptr);
}

TEST_P(EveryMethod, HasItsFolderAndItsPages) {
  EXPECT_TRUE(fs::is_directory(folder_of(info()))) << folder_of(info());
  EXPECT_TRUE(fs::exists(folder_of(info()) / "README.md")) << folder_of(info()) / "README.md";
  const auto page = fs::path(ATELIER_SOURCE) / "docs/methods" / (GetParam() + ".md");
  EXPECT_TRUE(fs::exists(page)) << page;
}

TEST_P(EveryMethod, ExplainsEachOption) {
  std::set<std::string> seen;
  for (const auto& option : info().options) {
    EXPECT_TRUE(std::regex_match(option.name, std::regex("[a-z][a-z0-9-]*"))) << option.name;
    EXPECT_TRUE(seen.insert(option.name).second) << option.name << " is there twice";
    ASSERT_FALSE(option.help.empty()) << option.name;
    EXPECT_TRUE(!option.help.ends_with('.') || option.help.ends_with("...")) << option.name << ": " << option.help;
    EXPECT_EQ(option.help.find('\n'), std::string::npos) << option.name;
  }
}

TEST_P(EveryMethod, AcceptsItsOwnDefaults) {
  std::map<std::string, std::string> defaults;
  for (const auto& option : info().options) defaults[option.name] = option.default_value;
  EXPECT_NO_THROW(info().make(Values(info().options, defaults)));
  EXPECT_NO_THROW(info().make(Values(info().options, {})));
}

TEST_P(EveryMethod, RefusesOptionsItDoesNotHave) {
  EXPECT_THROW(Values(info().options, {{"no-such-option", "1"}}), Error);
}

TEST_P(EveryMethod, RefusesValuesOutOfRange) {
  for (const auto& option : info().options) {
    const bool ranged = option.kind == Option::Kind::kNumber || option.kind == Option::Kind::kInteger;
    const auto wrong = ranged ? std::to_string(static_cast<long long>(option.highest) + 1) : "no such value";
    const bool anything_goes = option.kind == Option::Kind::kText || option.kind == Option::Kind::kPath;
    if (anything_goes || (ranged && option.highest > 1e18)) continue;
    EXPECT_THROW(Values(info().options, {{option.name, wrong}}), Error) << option.name << " takes " << wrong;
  }
}

TEST_P(EveryMethod, KeepsTheSizeAndTheRange) {
  const auto inputs = small_inputs();
  expect_picture_like(run(inputs), inputs.content);
}

TEST_P(EveryMethod, TakesOddSizesAndStylesOfAnotherShape) {
  auto inputs = small_inputs();
  inputs.content = inputs.content.narrow(2, 0, 63).narrow(3, 0, 50);
  if (takes_pictures()) inputs.styles[0].picture = inputs.styles[0].picture.narrow(2, 3, 49);
  expect_picture_like(run(inputs), inputs.content);
}

TEST_P(EveryMethod, ChangesThePhotoAndNotItsInputs) {
  const auto inputs = small_inputs();
  const auto out = run(inputs);
  EXPECT_GT((out - inputs.content).abs().max().item<float>(), 1.F / 255);
  EXPECT_TRUE(inputs.content.equal(read_fixture("photo_64.png")));
  if (takes_pictures()) {
    EXPECT_TRUE(inputs.styles[0].picture.equal(read_fixture("painting_64.png")));
  }
}

TEST_P(EveryMethod, RepeatsExactlyForTheSameSeed) {
  const auto inputs = small_inputs();
  EXPECT_TRUE(run(inputs).equal(run(inputs)));
}

TEST_P(EveryMethod, ReturnsThePhotoAtStrengthZero) {
  auto inputs = small_inputs();
  inputs.strength = 0;
  EXPECT_LE((run(inputs) - inputs.content).abs().max().item<float>(), 1.F / 255);
}

TEST_P(EveryMethod, LeavesThePhotoWhereNoMaskCovers) {
  if (info().tiny_model == nullptr) GTEST_SKIP() << "an optimised picture keeps the photo there only about";
  auto inputs = small_inputs();
  inputs.styles[0].mask = at::zeros({1, 1, 64, 64});
  inputs.styles[0].mask.narrow(3, 0, 32).fill_(1);
  const auto change = (run(inputs) - inputs.content).abs();
  EXPECT_GT(change.narrow(3, 0, 32).max().item<float>(), 1.F / 255);
  EXPECT_LE(change.narrow(3, 48, 16).max().item<float>(), 1.F / 255);
}

TEST_P(EveryMethod, SaysWhatModelsItTakes) {
  EXPECT_EQ(info().tiny_model != nullptr, info().takes != Takes::kPictures || !info().model_option.empty());
  if (!info().model_option.empty()) {
    EXPECT_NE(option_of(info(), std::string(info().model_option)), nullptr);
  }
}

TEST_P(EveryMethod, RefusesAModelThatIsNotItsOwn) {
  if (info().takes == Takes::kPictures) GTEST_SKIP() << "it takes pictures only";
  auto inputs = small_inputs();
  inputs.styles[0].picture = Tensor();
  inputs.styles[0].model = "compact";
  inputs.styles[0].entry = "";
  EXPECT_THROW(run(inputs), Error);
}

TEST_P(EveryMethod, CountsItsSteps) {
  int last = 0, planned = 0, calls = 0;
  run(small_inputs(), [&](const Progress& progress) {
    EXPECT_GE(progress.step, last);
    EXPECT_LE(progress.step, progress.steps);
    for (const auto& [name, value] : progress.terms) EXPECT_TRUE(std::isfinite(value)) << name;
    last = progress.step;
    planned = progress.steps;
    ++calls;
    return true;
  });
  EXPECT_GT(calls, 0);
  EXPECT_EQ(last, planned);
}

TEST_P(EveryMethod, StopsWithinAStepWhenAsked) {
  int stopped_at = -1, last = -1;
  const OnProgress stop = [&](const Progress& progress) {
    if (stopped_at < 0) stopped_at = progress.step;
    last = progress.step;
    return false;
  };
  try {
    run(small_inputs(), stop);
    ADD_FAILURE() << "it went on to the end";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kStopped) << error.what();
  }
  EXPECT_LE(last, stopped_at + 1);
}

TEST_P(EveryMethod, KeepsTheBestOnRequestWhenStopped) {
  auto inputs = small_inputs();
  inputs.keep_best_on_stop = true;
  expect_picture_like(run(inputs, [](const Progress&) { return false; }), inputs.content);
}

TEST_P(EveryMethod, RefusesAnEmptyListOfStyles) {
  auto inputs = small_inputs();
  inputs.styles.clear();
  try {
    run(inputs);
    ADD_FAILURE() << "it worked without a style";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kBadRequest) << error.what();
  }
}

TEST_P(EveryMethod, RefusesAnEncoderThatDoesNotExist) {
  auto inputs = small_inputs();
  inputs.encoder = "no-such-encoder";
  if (info().uses_encoder)
    EXPECT_THROW(run(inputs), Error);
  else
    EXPECT_NO_THROW(run(inputs));
}

TEST_P(EveryMethod, ForecastsMoreMemoryForMorePixels) {
  auto large = small_inputs();
  large.content = at::zeros({1, 3, 256, 256});
  const auto method = make();
  EXPECT_GE(method->memory_forecast(large), method->memory_forecast(small_inputs()));
}

}  // namespace
}  // namespace atelier
