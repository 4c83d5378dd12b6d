// What the command line promises about styles: the gallery, the user's own, models given as styles.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "support/cli_test.h"
#include "support/weight_files.h"
#include "weights/safetensors.h"
#include "weights/style_store.h"

namespace atelier::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class CliStyles : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    ::setenv("XDG_DATA_HOME", path("data").c_str(), 1);  // the program under test inherits it
  }
  void TearDown() override {
    ::unsetenv("XDG_DATA_HOME");
    CliTest::TearDown();
  }
  /// A model that names a method, and holds nothing that could paint.
  static WeightSet model(const std::string& method = "gatys") {
    WeightSetBuilder builder;
    builder.add_floats("x", {1}, std::vector<float>{1}).set_metadata("kind", "style").set_metadata("method", method);
    return builder.build();
  }
  static void save(const std::string& name) {
    save_style(model(), {.name = name, .title = "Bäume", .artist = "Jemand", .year = "1901", .method = "gatys"},
               "jpeg");
  }
  std::string refusal(const std::vector<std::string>& arguments) const {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.status, 2) << outcome.out;
    EXPECT_THAT(outcome.err, StartsWith("atelier: "));
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    return outcome.err;
  }
  std::string stylize_refusal(const std::string& style, const std::string& method = "auto") const {
    return refusal({"stylize", "photo.png", "--style", style, "--method", method, "-o", "out.png"});
  }
};

TEST_F(CliStyles, AreListedForPeopleAndPrograms) {
  save("mine");
  const std::string listing = run({"styles"}).out;
  EXPECT_THAT(listing, HasSubstr("mine"));
  EXPECT_THAT(listing, HasSubstr("Bäume, Jemand, 1901"));
  EXPECT_EQ(run({"styles", "list"}).out, listing);
  const auto json = nlohmann::json::parse(run({"styles", "--json"}).out);
  EXPECT_EQ(json.back().at("name"), "mine");
  EXPECT_EQ(json.back().at("artist"), "Jemand");
  EXPECT_EQ(json.back().at("embedded"), false);
}

TEST_F(CliStyles, ShowTellsTheCardAndWritesTheThumbnail) {
  save("mine");
  const Outcome outcome = run({"styles", "show", "mine", "--thumbnail", "small.jpg"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  for (const char* part : {"Bäume", "Jemand", "1901", "gatys", "--style mine"})
    EXPECT_THAT(outcome.out, HasSubstr(part));
  EXPECT_EQ(test::read_text(path("small.jpg")), "jpeg");
  EXPECT_THAT(refusal({"styles", "show", "mime"}), HasSubstr("did you mean \"mine\"?"));
}

TEST_F(CliStyles, RemoveDeletesOnlyTheUsersOwn) {
  save("mine");
  EXPECT_EQ(run({"styles", "remove", "mine"}).status, 0);
  EXPECT_THAT(run({"styles"}).out, Not(HasSubstr("mine")));
  EXPECT_THAT(refusal({"styles", "remove", "mine"}), HasSubstr("there is no style \"mine\""));
  for (const auto& style : list_styles())
    EXPECT_THAT(refusal({"styles", "remove", style.name}), HasSubstr("is part of the program"));
}

TEST_F(CliStyles, AddChecksBeforeItWorks) {
  EXPECT_THAT(refusal({"styles", "add", "painting.png"}), HasSubstr("--name is missing"));
  EXPECT_THAT(refusal({"styles", "add", "painting.png", "--name", "a/b"}), HasSubstr("a style cannot be named"));
  EXPECT_THAT(refusal({"styles", "add", "paintin.png", "--name", "x"}), HasSubstr("did you mean \"painting.png\"?"));
  EXPECT_THAT(refusal({"styles", "add", "painting.png", "--name", "x", "--photos", "nowhere"}),
              HasSubstr("there is no folder \"nowhere\""));
  EXPECT_THAT(refusal({"styles", "add", "painting.png", "--name", "x", "--method", "gatys"}),
              HasSubstr("gatys cannot learn"));
  EXPECT_FALSE(exists("data/atelier/styles/x.safetensors"));
}

TEST_F(CliStyles, MisspeltStylesAreRefusedWithTheNearest) {
  save("my-own-wave");
  EXPECT_THAT(stylize_refusal("my-own-wabe"), HasSubstr("did you mean \"my-own-wave\"?"));
  EXPECT_THAT(stylize_refusal("paintin.png"), HasSubstr("did you mean \"painting.png\"?"));
  EXPECT_THAT(stylize_refusal("quite-another-thing"), HasSubstr("see `atelier styles`"));
}

TEST_F(CliStyles, AMethodSaysWhatItCannotUse) {
  save("mine");
  write_safetensors(path("net.safetensors"), model());
  for (const std::string style : {"mine", "net.safetensors"})
    EXPECT_THAT(stylize_refusal(style, "gatys"),
                HasSubstr("gatys paints like a picture and \"" + style + "\" is a model"));
}

TEST_F(CliStyles, ModelsOfTheWrongKindAreRefused) {
  auto encoder = model();
  encoder.metadata["kind"] = "encoder";
  write_safetensors(path("encoder.safetensors"), encoder);
  EXPECT_THAT(stylize_refusal("encoder.safetensors"), HasSubstr("is of kind \"encoder\" and holds no style"));
  write_safetensors(path("other.safetensors"), model("no-such-method"));
  EXPECT_THAT(stylize_refusal("other.safetensors"), HasSubstr("there is no method \"no-such-method\""));
  test::write_text(path("broken.safetensors"), "x");
  EXPECT_THAT(stylize_refusal("broken.safetensors"), HasSubstr("broken.safetensors"));
}

}  // namespace
}  // namespace atelier::testing
