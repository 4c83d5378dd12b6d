#include "stylize/style_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "atelier/stylize.h"
#include "methods/method.h"
#include "support/weight_files.h"
#include "weights/import_model.h"
#include "weights/model_store.h"
#include "weights/safetensors.h"
#include "weights/style_store.h"

namespace atelier {
namespace {

using test::message_of;
using testing::HasSubstr;

class StyleSources : public testing::Test {
 protected:
  StyleSources() {
    ::setenv("XDG_DATA_HOME", home_.path().c_str(), 1);
    std::filesystem::copy_file(std::filesystem::path(ATELIER_FIXTURES) / "painting_64.png", home_ / "painting.png");
  }
  ~StyleSources() override { ::unsetenv("XDG_DATA_HOME"); }

  std::string model(const std::string& name, const std::string& styles = "", const std::string& kind = "style") {
    WeightSetBuilder builder;
    builder.add_floats("x", {1}, std::vector<float>{1});
    builder.set_metadata("kind", kind).set_metadata("method", "johnson");
    if (!styles.empty()) builder.set_metadata("styles", styles);
    write_safetensors(home_ / name, builder.build());
    return (home_ / name).string();
  }
  static std::string refusal(const std::string& source) {
    return message_of([&] { find_style_source(source); });
  }

  test::TemporaryFolder home_;
};

/// A method that exists only here.
MethodInfo method(const char* name, Takes takes) {
  MethodInfo info;
  info.name = name;
  info.takes = takes;
  return info;
}

TEST_F(StyleSources, APictureIsAPictureWhateverItIsCalled) {
  const auto named = (home_ / "painting.safetensors").string();
  std::filesystem::copy_file(home_ / "painting.png", named);
  EXPECT_EQ(find_style_source(named).picture, named);
  EXPECT_FALSE(find_style_source((home_ / "painting.png").string()).is_model());
}

TEST_F(StyleSources, AModelFileIsItsOnlyStyle) {
  const auto file = model("net.safetensors");
  const auto source = find_style_source(file);
  EXPECT_TRUE(source.is_model());
  EXPECT_EQ(source.model, file);
  EXPECT_EQ(source.entry, "");
  EXPECT_EQ(source.method, "johnson");
}

TEST_F(StyleSources, AStyleOfAModelFileIsNamedAfterASlash) {
  const auto file = model("net.safetensors", R"(["waves", "stars"])");
  EXPECT_EQ(find_style_source(file + "/stars").entry, "stars");
  EXPECT_EQ(find_style_source(file + "/stars").model, file);
  EXPECT_THAT(refusal(file), HasSubstr("/STYLE with one of these: waves, stars"));
  EXPECT_THAT(refusal(file + "/moon"), HasSubstr("holds no style \"moon\"; it holds waves, stars"));
}

TEST_F(StyleSources, StylesAndModelsOfTheUserAreFoundByName) {
  save_style(open_model(model("a.safetensors")), {.name = "mine", .method = "johnson"});
  import_model(model("imported.safetensors"));
  EXPECT_EQ(find_style_source("mine").model, (home_ / "atelier/styles/mine.safetensors").string());
  EXPECT_EQ(find_style_source("imported").method, "johnson");
  EXPECT_THAT(refusal("imporded"), HasSubstr("did you mean \"imported\"?"));
}

TEST_F(StyleSources, WhatHoldsNoStyleIsRefused) {
  EXPECT_THAT(refusal((home_ / "paintin.png").string()), HasSubstr("painting.png\"?"));
  EXPECT_THAT(refusal(home_.path().string()), HasSubstr("is no file"));
  EXPECT_THAT(refusal(model("e.safetensors", "", "encoder")), HasSubstr("is of kind \"encoder\""));
  test::write_text(home_ / "broken.pth", "nothing");
  EXPECT_THAT(refusal((home_ / "broken.pth").string()), HasSubstr("broken.pth"));
}

TEST_F(StyleSources, AFolderOrAnotherFileHidesNoStyleOfItsName) {
  save_style(open_model(model("a.safetensors")), {.name = "waves-of-mine", .method = "johnson"});
  const auto here = std::filesystem::current_path();
  std::filesystem::current_path(home_.path());
  std::filesystem::create_directories("waves-of-mine");
  EXPECT_EQ(find_style_source("waves-of-mine").method, "johnson");
  std::filesystem::remove_all("waves-of-mine");
  test::write_text("waves-of-mine", "a note");
  EXPECT_EQ(find_style_source("waves-of-mine").method, "johnson");
  std::filesystem::copy_file("painting.png", "waves-of-mine", std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(find_style_source("waves-of-mine").picture, "waves-of-mine");
  std::filesystem::create_directories("gallery/scream");
  EXPECT_EQ(find_style_source("gallery/scream").entry, "scream");
  std::filesystem::current_path(here);
}

TEST_F(StyleSources, OtherProjectsModelsNeedNoImport) {
  for (const char* name : {"lengstrom.safetensors", "examples.pth", "jcjohnson.t7"}) {
    const auto file = std::filesystem::path(ATELIER_FIXTURES) / "johnson" / name;
    EXPECT_EQ(find_style_source(file.string()).method, "johnson") << name;
  }
}

TEST_F(StyleSources, AutoIsTheModelsMethodElseTheOneForPictures) {
  Request request;
  EXPECT_EQ(chosen_method(request), auto_method_for_pictures());
  request.styles = {{.source = (home_ / "painting.png").string()}};
  EXPECT_EQ(chosen_method(request), auto_method_for_pictures());
  request.styles = {{.source = model("net.safetensors")}};
  EXPECT_EQ(chosen_method(request), "johnson");
  request.method = "gatys";
  EXPECT_EQ(chosen_method(request), "gatys");
}

TEST_F(StyleSources, TheMethodForPicturesTakesPictures) {
  EXPECT_NE(find_method(auto_method_for_pictures()).takes, Takes::kModels);
}

TEST(CheckTakes, RefusesWhatTheMethodCannotUse) {
  const StyleSource picture{"p.png", "", "", ""}, model{"", "m", "", "johnson"};
  const auto refusal = [](const MethodInfo& info, const StyleSource& source) {
    return message_of([&] { check_takes(info, "x", source); });
  };
  EXPECT_EQ(refusal(method("gatys", Takes::kPictures), picture), "");
  EXPECT_EQ(refusal(method("johnson", Takes::kModels), model), "");
  EXPECT_EQ(refusal(method("johnson", Takes::kBoth), model), "");
  EXPECT_EQ(refusal(method("johnson", Takes::kBoth), picture), "");
  EXPECT_THAT(refusal(method("gatys", Takes::kPictures), model),
              HasSubstr("gatys paints like a picture and \"x\" is a learnt style; give a picture"));
  EXPECT_THAT(refusal(method("johnson", Takes::kModels), picture),
              HasSubstr("johnson paints in styles that it has learnt and \"x\" is a picture; give a style"));
  EXPECT_THAT(refusal(method("msg-net", Takes::kModels), model),
              HasSubstr("is for the method johnson, not msg-net; paint with that method"));
}

}  // namespace
}  // namespace atelier
