// What the command line promises about measuring and comparing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/cli_test.h"

namespace atelier::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class CliEvaluation : public CliTest {
 protected:
  std::string text_of(const std::string& name) const {
    std::ifstream file(path(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void copy(const std::string& from, const std::string& to) const {
    std::filesystem::create_directories(std::filesystem::path(path(to)).parent_path());
    std::filesystem::copy_file(path(from), path(to));
  }
  /// A picture that begins as one and then ends.
  void write_truncated(const std::string& name) const {
    copy("photo.png", name);
    std::filesystem::resize_file(path(name), std::filesystem::file_size(path(name)) / 2);
  }
};

TEST_F(CliEvaluation, PrintsNamesAndFiguresInTurns) {
  const auto scored = run({"evaluate", "painting.png", "--content", "photo.png", "--style", "painting.png", "--size",
                           "64", "--threads", "1"});
  EXPECT_EQ(scored.status, 0) << scored.err;
  std::istringstream words(scored.out);
  std::string style, style_value, content, last;
  words >> style >> style_value >> content;
  EXPECT_EQ(style, "style");
  EXPECT_NEAR(std::stod(style_value), 0, 0.001);
  EXPECT_EQ(content, "content");
  while (words >> last) {
  }
  EXPECT_EQ(last, "painting.png");
}

TEST_F(CliEvaluation, TheOldWayOfNamingResultsGoesOn) {
  const auto scored = run({"evaluate", "--content", "photo.png", "--result", "photo.png", "painting.png", "--metrics",
                           "ssim", "--threads", "1"});
  EXPECT_EQ(scored.status, 0) << scored.err;
  EXPECT_THAT(scored.out, StartsWith("ssim 1.000  photo.png\nssim "));
  EXPECT_THAT(scored.out, HasSubstr("mean of 2\n"));
}

TEST_F(CliEvaluation, WritesCsvJsonAndHtml) {
  copy("photo.png", "out/a.png");
  copy("painting.png", "out/b.png");
  copy("photo.png", "truth/a.png");
  copy("photo.png", "truth/b.png");
  const auto scored = run({"evaluate", "out", "--reference", "truth", "--csv", "s.csv", "--json", "s.json", "--html",
                           "s.html", "--threads", "1"});
  EXPECT_EQ(scored.status, 0) << scored.err;
  EXPECT_THAT(text_of("s.csv"), StartsWith("result,content,style,reference,ssim"));
  EXPECT_EQ(nlohmann::json::parse(text_of("s.json"))["pictures"].size(), 2u);
  EXPECT_THAT(text_of("s.html"), HasSubstr("data:image/jpeg;base64,"));
  const auto piped = run({"evaluate", "out/a.png", "--metrics", "palette", "--json", "-", "--threads", "1"});
  EXPECT_EQ(nlohmann::json::parse(piped.out)["pictures"].size(), 1u) << piped.out;
}

TEST_F(CliEvaluation, TakesACriticFromTheCheckpointOfATraining) {
  copy("photo.png", "photos/a.png");
  copy("painting.png", "paintings/a.png");
  const auto trained = run({"train",          "pix2pix", "--photos",        "photos", "--targets", "paintings",
                            "--held-out",     "0",       "--steps",         "1",      "--crop",    "32",
                            "--depth",        "3",       "--width",         "4",      "-o",        "m.safetensors",
                            "--critic-width", "4",       "--critic-layers", "2",      "--threads", "1"});
  ASSERT_EQ(trained.status, 0) << trained.err;
  const auto scored = run({"evaluate", "photo.png", "--content", "photo.png", "--reference", "painting.png",
                           "--metrics", "critic", "--critic", "m.safetensors.checkpoint", "--threads", "1"});
  EXPECT_EQ(scored.status, 0) << scored.err;
  EXPECT_THAT(scored.out, StartsWith("critic "));
  EXPECT_THAT(scored.out, HasSubstr("\ncritic accuracy "));
  const auto model = run({"evaluate", "photo.png", "--critic", "m.safetensors"});
  EXPECT_EQ(model.status, 2);
  EXPECT_THAT(model.err, HasSubstr("describes no critic"));
  const auto name = run({"evaluate", "photo.png", "--content", "photo.png", "--critic", "m.safetensors.checkpoint",
                         "--critic-name", "nobody"});
  EXPECT_EQ(name.status, 2);
  EXPECT_THAT(name.err, HasSubstr("choose one of \"critic\""));
}

TEST_F(CliEvaluation, RefusesMismatchedPairsAndMissingInputs) {
  copy("photo.png", "out/a.png");
  copy("photo.png", "photos/b.png");
  const auto unpaired = run({"evaluate", "out", "--content", "photos", "--csv", "s.csv"});
  EXPECT_EQ(unpaired.status, 2);
  EXPECT_THAT(unpaired.err, StartsWith("atelier: \"out/a.png\" has no content of its name in \"photos\""));
  EXPECT_FALSE(exists("s.csv"));
  EXPECT_EQ(run({"evaluate"}).status, 2);
  EXPECT_EQ(run({"evaluate", "photo.png", "--content", "out/a.png", "--csv", "out/a.png"}).status, 2);
  EXPECT_EQ(run({"evaluate", "photo.png", "--csv", "s.txt", "--html", "./s.txt"}).status, 2);
  EXPECT_EQ(run({"evaluate", "photo.png", "--metrics", "style"}).status, 2);
  EXPECT_EQ(run({"evaluate", "photo.png", "--csv", "-", "--json", "-"}).status, 2);
  std::ofstream(path("broken.png")) << "no picture";
  const auto broken = run({"evaluate", "broken.png"});
  EXPECT_EQ(broken.status, 2);
  EXPECT_THAT(broken.err, HasSubstr("broken.png"));
}

TEST_F(CliEvaluation, ABrokenPictureCostsNoOther) {
  copy("photo.png", "out/a.png");
  write_truncated("out/b.png");
  copy("painting.png", "out/c.png");
  const auto scored = run({"evaluate", "out", "--metrics", "palette", "--csv", "s.csv", "--json", "s.json", "--html",
                           "s.html", "--threads", "1"});
  EXPECT_EQ(scored.status, 1);
  EXPECT_THAT(scored.out, HasSubstr("palette –  out/b.png\npalette "));
  EXPECT_THAT(scored.out, HasSubstr("mean of 2 of 3\n"));
  EXPECT_THAT(scored.err, StartsWith("note: out/b.png: "));
  EXPECT_THAT(scored.err, HasSubstr("\natelier: 1 of 3 pictures could not be measured; see the notes about them\n"));
  EXPECT_THAT(text_of("s.csv"), HasSubstr("\nout/b.png,,,,\n"));
  EXPECT_EQ(nlohmann::json::parse(text_of("s.json"))["mean_over"]["palette"], 2);
  EXPECT_THAT(text_of("s.html"), HasSubstr("out/b.png<br><span class=\"fault\">"));
}

TEST_F(CliEvaluation, TheOnlyPictureAndThePaintingOfAllMustBeWhole) {
  write_truncated("broken.png");
  for (const auto& pictures :
       std::vector<std::vector<std::string>>{{"broken.png"},
                                             {"photo.png", "--style", "broken.png"},
                                             {"photo.png", "photo.png", "--style", "broken.png"}}) {
    std::vector<std::string> command = {"evaluate", "--metrics", "palette", "--csv", "s.csv"};
    command.insert(command.end(), pictures.begin(), pictures.end());
    const auto refused = run(command);
    EXPECT_EQ(refused.status, 2);
    EXPECT_THAT(refused.err, StartsWith("atelier: "));
    EXPECT_THAT(refused.err, HasSubstr("broken.png"));
    EXPECT_THAT(refused.out, IsEmpty());
    EXPECT_FALSE(exists("s.csv"));
  }
}

TEST_F(CliEvaluation, TheHelpNamesResultsByTheirPlace) {
  const auto help = run({"evaluate", "--help"});
  EXPECT_THAT(help.out, HasSubstr("RESULT..."));
  EXPECT_THAT(help.out, ::testing::Not(HasSubstr("--result")));
}

std::vector<std::string> comparing(std::vector<std::string> more) {
  const std::vector<std::string> common = {"compare", "--content", "photo.png", "--style", "painting.png", "--size",
                                           "64",      "--threads", "1",         "-o",      "sheet.png"};
  more.insert(more.begin(), common.begin(), common.end());
  return more;
}

TEST_F(CliEvaluation, CompareWritesTheSheetAndSaysWhatFailed) {
  const auto compared =
      run(comparing({"--methods", "gatys,johnson", "--set", "gatys.steps=1", "--html", "sheet.html"}));
  EXPECT_EQ(compared.status, 1);
  EXPECT_THAT(compared.err, HasSubstr("gatys, photo.png: style "));
  EXPECT_THAT(compared.err, HasSubstr("johnson, photo.png: johnson paints in styles that it has learnt"));
  EXPECT_THAT(compared.err, HasSubstr("1 written, 1 failed"));
  EXPECT_THAT(new_files(), ::testing::UnorderedElementsAre("sheet.html", "sheet.png"));
}

TEST_F(CliEvaluation, CompareLeavesABrokenPhotoBlank) {
  write_truncated("broken.png");
  auto typed = comparing({"--methods", "gatys", "--set", "gatys.steps=1", "--html", "sheet.html"});
  typed.insert(typed.begin() + 2, "broken.png");
  const auto compared = run(typed);
  EXPECT_EQ(compared.status, 1);
  EXPECT_THAT(compared.err, HasSubstr("gatys, photo.png: style "));
  EXPECT_THAT(compared.err, HasSubstr("left blank on the sheet: "));
  EXPECT_THAT(compared.err, HasSubstr("1 written, 1 failed"));
  EXPECT_TRUE(exists("sheet.png"));
  EXPECT_THAT(text_of("sheet.html"), HasSubstr("<b>photo</b><br><span class=\"fault\">"));
}

TEST_F(CliEvaluation, CompareRefusesABrokenPaintingAtOnce) {
  write_truncated("broken.png");
  const auto refused = run({"compare", "--methods", "gatys", "--content", "photo.png", "--style", "broken.png",
                            "--size", "64", "-o", "sheet.png", "--keep", "kept"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("broken.png"));
  EXPECT_FALSE(exists("sheet.png"));
  EXPECT_TRUE(std::filesystem::is_empty(path("kept")));
}

TEST_F(CliEvaluation, CompareKeepsPicturesOnlyWhenAsked) {
  const auto compared = run(comparing({"--methods", "gatys", "--set", "gatys.steps=1", "--keep", "kept", "-q"}));
  EXPECT_EQ(compared.status, 0) << compared.err;
  EXPECT_EQ(compared.err, "");
  EXPECT_TRUE(exists("kept/1-1-photo-gatys.png"));
}

TEST_F(CliEvaluation, CompareRefusesBeforeItPaints) {
  EXPECT_THAT(run(comparing({"--methods", "gatsy"})).err, HasSubstr("did you mean \"gatys\"?"));
  EXPECT_EQ(run(comparing({"--methods", "gatys", "--set", "adain.x=1"})).status, 2);
  auto unwritable = comparing({"--methods", "gatys"});
  unwritable[10] = "sheet.doc";
  EXPECT_EQ(run(unwritable).status, 2);
  EXPECT_THAT(new_files(), IsEmpty());
}

TEST_F(CliEvaluation, CompareWritesNoSheetOverWhatItCompares) {
  for (const char* file : {"photo.png", "painting.png"})
    EXPECT_THAT(run(comparing({"--methods", "gatys", "--html", file})).err, HasSubstr("is also an input"));
}

TEST_F(CliEvaluation, CompareStoppedByCtrlCShowsWhatIsDone) {
  auto process = start(comparing({"--methods", "gatys:photo.png,gatys", "--json", "--set", "gatys.steps=9999", "--set",
                                  "gatys:photo.png.steps=1"}));
  ASSERT_TRUE(process.wait_for("ssim "));  // the first cell's note
  ASSERT_TRUE(process.wait_for("\"step\":2"));
  process.send(SIGINT);
  const auto stopped = process.finish();
  EXPECT_EQ(stopped.status, 130);
  EXPECT_THAT(stopped.err, HasSubstr("the sheet shows what was painted until then"));
  EXPECT_THAT(new_files(), ElementsAre("sheet.png"));
}

}  // namespace
}  // namespace atelier::testing
