#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "atelier/stylize.h"
#include "atelier/version.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Recipe : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) / ("recipe-" + std::to_string(::getpid()) + "-" + info->name());
    std::filesystem::create_directories(folder_);
    request_.content = file("photo", "p");
    request_.styles = {{file("first", "1"), 2.5, file("mask", "m")}, {file("second", "2"), 1, ""}};
    request_.output = (folder_ / "out.png").string();
    request_.strength = 70;
    request_.seed = 12;
    request_.method = "gatys";
    request_.options = {{"steps", "7"}};
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string file(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name) << content;
    return (folder_ / name).string();
  }

  std::filesystem::path folder_;
  Request request_;
};

TEST_F(Recipe, LeadsBackToTheRequest) {
  const Request again = from_recipe(to_recipe(request_));
  EXPECT_EQ(again.content, request_.content);
  EXPECT_EQ(again.output, request_.output);
  ASSERT_EQ(again.styles.size(), 2u);
  EXPECT_EQ(again.styles[0].source, request_.styles[0].source);
  EXPECT_EQ(again.styles[0].weight, 2.5);
  EXPECT_EQ(again.styles[0].mask, request_.styles[0].mask);
  EXPECT_EQ(again.styles[1].mask, "");
  EXPECT_EQ(again.strength, 70);
  EXPECT_EQ(again.seed, 12u);
  EXPECT_EQ(again.options, request_.options);
  EXPECT_EQ(to_recipe(again), to_recipe(request_));
}

TEST_F(Recipe, NamesVersionMethodAndHashes) {
  const auto json = nlohmann::json::parse(to_recipe(request_));
  EXPECT_EQ(json["atelier"], version());
  EXPECT_EQ(json["settings"]["method"], chosen_method(request_));
  // sha256 of the one byte "p"
  EXPECT_EQ(json["photo"]["sha256"], "148de9c5a7a44d19e56cd9ae1a554bf67847afb0c58f6e12fa29ac7ddfca9940");
}

TEST_F(Recipe, LeavesOutWhatDoesNotPaint) {
  const std::string before = to_recipe(request_);
  request_.preview = "preview.png";
  request_.threads = 7;
  request_.keep_best_on_stop = true;
  EXPECT_EQ(to_recipe(request_), before);
}

TEST_F(Recipe, TellsWhatHasChanged) {
  const std::string recipe = to_recipe(request_);
  EXPECT_THAT(recipe_differences(recipe), IsEmpty());
  file("mask", "another");
  std::filesystem::remove(folder_ / "second");
  EXPECT_THAT(recipe_differences(recipe), ElementsAre("\"" + request_.styles[0].mask + "\" has changed",
                                                      "\"" + request_.styles[1].source + "\" is missing"));
}

TEST_F(Recipe, FollowsStylesThatAreModels) {
  WeightSetBuilder builder;
  builder.add_floats("x", {1}, std::vector<float>{1}).set_metadata("kind", "style").set_metadata("method", "gatys");
  write_safetensors(folder_ / "net.safetensors", builder.build());
  request_.styles = {{(folder_ / "net.safetensors").string(), 2, file("mask", "m")}};
  const auto recipe = to_recipe(request_);
  const Request again = from_recipe(recipe);
  EXPECT_EQ(again.styles[0].source, request_.styles[0].source);
  EXPECT_EQ(again.styles[0].weight, 2);
  EXPECT_THAT(recipe_differences(recipe), IsEmpty());
  builder.add_floats("y", {1}, std::vector<float>{1}).set_metadata("kind", "style").set_metadata("method", "gatys");
  write_safetensors(folder_ / "net.safetensors", builder.build());
  EXPECT_THAT(recipe_differences(recipe), ElementsAre("the style \"" + again.styles[0].source + "\" is another one"));
  std::filesystem::remove(folder_ / "net.safetensors");
  EXPECT_THAT(recipe_differences(recipe), ElementsAre("the style \"" + again.styles[0].source + "\" is missing"));
}

TEST_F(Recipe, RefusesWhatIsNone) {
  for (const char* text : {"", "{", "[]", "7", "{}", R"({"program": "other"})", R"({"atelier": "0.1.0"})",
                           R"({"atelier": "0.1.0", "photo": 3})"}) {
    EXPECT_THROW(from_recipe(text), Error) << text;
    EXPECT_THROW(recipe_differences(text), Error) << text;
  }
}

TEST_F(Recipe, RefusesSettingsOutOfRange) {
  auto json = nlohmann::json::parse(to_recipe(request_));
  json["settings"]["strength"] = "400";
  EXPECT_THROW(from_recipe(json.dump()), Error);
}

TEST_F(Recipe, RefusesWhatWouldWriteOtherFiles) {
  for (const char* name : {"preview", "checkpoint"}) {
    auto json = nlohmann::json::parse(to_recipe(request_));
    json["settings"][name] = (folder_ / "photo").string();
    EXPECT_THROW(from_recipe(json.dump()), Error) << name;
  }
}

TEST_F(Recipe, NeedsTheInputs) {
  std::filesystem::remove(folder_ / "photo");
  EXPECT_THROW(to_recipe(request_), Error);
}

}  // namespace
}  // namespace atelier
