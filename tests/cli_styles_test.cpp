// What the command line promises about styles: the gallery, the user's own, models given as styles.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "media/image_file.h"
#include "support/cli_test.h"
#include "weights/safetensors.h"
#include "weights/style_store.h"

namespace atelier::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string text_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

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
  EXPECT_EQ(text_of(path("small.jpg")), "jpeg");
  EXPECT_THAT(refusal({"styles", "show", "mime"}), HasSubstr("did you mean \"mine\"?"));
  EXPECT_THAT(refusal({"styles", "show", "mine", "--thumbnail", "small.png"}), HasSubstr("a file that ends in .jpg"));
  EXPECT_FALSE(exists("small.png"));
  for (const char* file : {"small.jpeg", "SMALL.JPG"})
    EXPECT_EQ(run({"styles", "show", "mine", "--thumbnail", file}).status, 0) << file;
}

TEST_F(CliStyles, ShowSaysThatAStyleIsDamaged) {
  save("mine");
  std::ofstream(path("data/atelier/styles/mine.safetensors"), std::ios::trunc) << "no model";
  EXPECT_THAT(refusal({"styles", "show", "mine"}), HasSubstr("the style \"mine\" is damaged; add or import it again"));
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
              HasSubstr("cannot list folder \"nowhere\""));
  EXPECT_THAT(refusal({"styles", "add", "painting.png", "--name", "x", "--method", "gatys"}),
              HasSubstr("gatys cannot learn"));
  EXPECT_THAT(refusal({"styles", "add", "painting.png", "--name", "x", "--time-budget", "20q"}),
              HasSubstr("q unit not recognized"));
  EXPECT_THAT(refusal({"styles", "add", "painting.png", "--name", "x", "--time-budget", "0.1s"}),
              HasSubstr("a second or more"));
  EXPECT_THAT(refusal({"styles", "add", "painting.png", "--name", "x", "--time-budget", "0s"}),
              HasSubstr("a second or more"));
  EXPECT_FALSE(exists("data/atelier/styles/x.safetensors"));
}

TEST_F(CliStyles, AddShowsItsWorkAndTakesItsTime) {
  const Outcome outcome = run({"styles", "add", "painting.png", "--name", "x", "--photos", "photo.png", "--quality",
                               "high", "--preview", "work.jpg", "--time-budget", "2s"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(exists("work.jpg"));
  EXPECT_THAT(outcome.err, HasSubstr("`atelier stylize photo.jpg --style x` paints with it"));
}

TEST_F(CliStyles, AddPractisesOnAPackAsOnAFolder) {
  ASSERT_EQ(run({"dataset", "pack", path(""), "-o", "photos.safetensors"}).status, 0);
  const Outcome outcome =
      run({"styles", "add", "painting.png", "--name", "x", "--photos", "photos.safetensors", "--time-budget", "1s"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(run({"styles"}).out, HasSubstr("x  "));
}

TEST_F(CliStyles, MisspeltStylesAreRefusedWithTheNearest) {
  save("my-own-wave");
  EXPECT_THAT(stylize_refusal("my-own-wabe"), HasSubstr("did you mean \"my-own-wave\"?"));
  EXPECT_THAT(stylize_refusal("paintin.png"), HasSubstr("did you mean \"painting.png\"?"));
  EXPECT_THAT(stylize_refusal("quite-another-thing.jpg"),
              HasSubstr("there is no style or file \"quite-another-thing.jpg\"; see `atelier styles`"));
}

TEST_F(CliStyles, AMethodSaysWhatItCannotUse) {
  save("mine");
  write_safetensors(path("net.safetensors"), model());
  for (const std::string style : {"mine", "net.safetensors"})
    EXPECT_THAT(stylize_refusal(style, "gatys"),
                HasSubstr("gatys paints like a picture and \"" + style + "\" is a learnt style; give a picture"));
}

TEST_F(CliStyles, ModelsOfTheWrongKindAreRefused) {
  auto encoder = model();
  encoder.metadata["kind"] = "encoder";
  write_safetensors(path("encoder.safetensors"), encoder);
  EXPECT_THAT(stylize_refusal("encoder.safetensors"), HasSubstr("is of kind \"encoder\" and holds no style"));
  write_safetensors(path("other.safetensors"), model("no-such-method"));
  EXPECT_THAT(stylize_refusal("other.safetensors"), HasSubstr("there is no method \"no-such-method\""));
  std::ofstream(path("broken.safetensors")) << "x";
  EXPECT_THAT(stylize_refusal("broken.safetensors"), HasSubstr("broken.safetensors"));
}

/// A network of conditional-in with two styles: a norm that leaves of the picture a tenth of its contrast, around 0.3
/// for "dark" and 0.7 for "bright".
WeightSet two_styles() {
  WeightSetBuilder builder;
  builder.add_floats("c.weight", {3, 3, 1, 1}, std::vector<float>{1, 0, 0, 0, 1, 0, 0, 0, 1});
  builder.add_floats("n.weight", {2, 3}, std::vector<float>(6, 0.1F));
  builder.add_floats("n.bias", {2, 3}, std::vector<float>{0.3F, 0.3F, 0.3F, 0.7F, 0.7F, 0.7F});
  builder.set_metadata("kind", "style").set_metadata("method", "conditional-in");
  builder.set_metadata("styles", R"(["dark", "bright"])");
  builder.set_metadata("graph", R"([{"name": "picture", "op": "input"}, {"name": "shares", "op": "input"},
      {"name": "c", "op": "conv", "inputs": ["picture"], "kernel": 1},
      {"name": "n", "op": "conditional_norm", "inputs": ["c", "shares"], "value": 1e-5}])");
  return builder.build();
}

class CliModelStyles : public CliStyles {
 protected:
  void SetUp() override {
    CliStyles::SetUp();
    write_safetensors(path("two.safetensors"), two_styles());
  }
  Outcome paint(const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"stylize", "photo.png", "-o", "out.png",     "--size",
                                      "0",       "--threads", "1",  "--precision", "fp32"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  /// The mean of the picture's columns from `begin` on, up to `end`.
  double mean(int begin = 0, int end = 64) const {
    const Image image = read_image(path("out.png"));
    double sum = 0;
    for (int y = 0; y < image.height; ++y)
      for (int x = begin * 3; x < end * 3; ++x) sum += image.rgb[static_cast<std::size_t>(y * image.width * 3 + x)];
    return sum / (image.height * (end - begin) * 3.0);
  }
};

TEST_F(CliModelStyles, PaintWithoutAMethodBeingNamed) {
  const Outcome outcome = paint({"--style", "two.safetensors/dark", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("\"method\":\"conditional-in\""));
  EXPECT_NEAR(mean(), 0.3, 0.01);
}

TEST_F(CliModelStyles, MixByWeightsAndMasks) {
  ASSERT_EQ(paint({"-s", "two.safetensors/dark:1", "-s", "two.safetensors/bright:3"}).status, 0);
  EXPECT_NEAR(mean(), 0.6, 0.01);
  Image mask;
  mask.width = mask.height = 64;
  mask.rgb.assign(mask.pixels() * 3, 0.F);
  for (int y = 0; y < 64; ++y) std::fill_n(mask.rgb.begin() + y * 192, 96, 1.F);
  write_image(path("mask.png"), mask);
  ASSERT_EQ(paint({"-s", "two.safetensors/dark", "--mask", "mask.png"}).status, 0);
  EXPECT_NE(mean(0, 32), mean(32, 64));
  EXPECT_NEAR(mean(0, 32), 0.3, 0.05);
  const Image photo = read_image(path("photo.png")), painted = read_image(path("out.png"));
  EXPECT_EQ(painted.rgb[63 * 3], photo.rgb[63 * 3]);
}

TEST_F(CliModelStyles, KeepThePhotosColoursOnRequest) {
  ASSERT_EQ(paint({"-s", "two.safetensors/dark"}).status, 0);
  const double plain = mean();
  ASSERT_EQ(paint({"-s", "two.safetensors/dark", "--color", "content"}).status, 0);
  const Image photo = read_image(path("photo.png"));
  double sum = 0;
  for (const float value : photo.rgb) sum += value;
  EXPECT_GT(std::abs(plain - sum / static_cast<double>(photo.rgb.size())), 0.02);
  EXPECT_NEAR(mean(), sum / static_cast<double>(photo.rgb.size()), 0.02);
}

TEST_F(CliModelStyles, AreFoundByNameOnceImported) {
  ASSERT_EQ(run({"models", "import", "two.safetensors"}).status, 0);
  EXPECT_THAT(run({"styles"}).out, HasSubstr("two/bright"));
  ASSERT_EQ(paint({"--style", "two/bright"}).status, 0);
  EXPECT_NEAR(mean(), 0.7, 0.01);
  EXPECT_THAT(stylize_refusal("two"), HasSubstr("holds several styles; choose one of two/dark, two/bright"));
  EXPECT_THAT(stylize_refusal("two/brihgt"), HasSubstr("did you mean \"two/bright\"?"));
}

TEST_F(CliModelStyles, AreRemovedWithTheirModel) {
  ASSERT_EQ(run({"models", "import", "two.safetensors"}).status, 0);
  write_safetensors(path("another.safetensors"), model("conditional-in"));
  EXPECT_THAT(refusal({"models", "import", "another.safetensors", "--name", "two"}), HasSubstr("add --force"));
  EXPECT_THAT(refusal({"styles", "remove", "two/dark"}), HasSubstr("`atelier models remove two` deletes it"));
  EXPECT_EQ(run({"models", "remove", "two"}).out, "removed two\n");
  EXPECT_THAT(run({"styles"}).out, Not(HasSubstr("two/bright")));
  EXPECT_EQ(run({"models", "import", "another.safetensors", "--name", "two", "--force"}).status, 0);
}

TEST_F(CliModelStyles, HeedTheMemoryThatIsAllowed) {
  EXPECT_THAT(
      refusal({"stylize", "photo.png", "--style", "two.safetensors/dark", "--size", "4000", "--memory", "100M"}),
      HasSubstr("of memory and 105 MB may be used; give --size"));
}

TEST_F(CliModelStyles, SayThatTheyUseNoEncoder) {
  EXPECT_THAT(paint({"--style", "two.safetensors/dark", "--encoder", "vgg19"}).err,
              HasSubstr("conditional-in brings networks of its own: the encoder vgg19 is not used"));
}

TEST_F(CliModelStyles, RerunFollowsTheModel) {
  ASSERT_EQ(paint({"--style", "two.safetensors/dark"}).status, 0);
  const Image first = read_image(path("out.png"));
  ASSERT_EQ(run({"rerun", "out.png", "-o", "again.png", "-q", "--threads", "1"}).status, 0);
  EXPECT_EQ(read_image(path("again.png")).rgb, first.rgb);
  auto changed = two_styles();
  changed.metadata["licence"] = "another";
  write_safetensors(path("two.safetensors"), changed);
  EXPECT_THAT(refusal({"rerun", "out.png"}), HasSubstr("the style \"two.safetensors/dark\" is another one"));
}

TEST_F(CliModelStyles, AreExported) {
  const Outcome outcome = run({"models", "export", "two.safetensors", "net.onnx"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(text_of(path("net.onnx")), HasSubstr("InstanceNormalization"));
  EXPECT_EQ(run({"models", "export", "compact", "encoder.onnx"}).status, 0);
  EXPECT_THAT(text_of(path("encoder.onnx")), HasSubstr("relu5_1"));
  EXPECT_EQ(run({"models", "export", "compact", "encoder.onnx", "--tap", "relu4_1"}).status, 0);
  EXPECT_THAT(text_of(path("encoder.onnx")), Not(HasSubstr("relu5_1")));
  EXPECT_THAT(refusal({"models", "export", "photos", "x.onnx"}), HasSubstr("holds no network"));
  EXPECT_THAT(refusal({"models", "export", "two.safetensors", "two.safetensors"}), HasSubstr("is the model itself"));
  EXPECT_THAT(refusal({"models", "export", "nothing", "x.onnx"}), HasSubstr("there is no model"));
  EXPECT_FALSE(exists("x.onnx"));
}

}  // namespace
}  // namespace atelier::testing
