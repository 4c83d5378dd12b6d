// What the command line promises about words, exit statuses and error lines. Painting itself is
// in cli_painting_test.cpp.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/cli_test.h"

namespace atelier::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class CliContract : public CliTest {
 protected:
  /// Runs a bad request: exit 2, one line of our form on standard error, nothing written.
  std::string refusal(const std::vector<std::string>& arguments) const {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(outcome.err, StartsWith("atelier: "));
    EXPECT_THAT(outcome.err, HasSubstr("; ")) << "what to do is missing";
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    EXPECT_THAT(new_files(), IsEmpty());
    return outcome.err;
  }
  /// The same for a stylize command that has photo and style.
  std::string stylize_refusal(std::vector<std::string> more) const {
    more.insert(more.begin(), {"stylize", "photo.png", "--style", "painting.png"});
    return refusal(more);
  }
};

TEST_F(CliContract, EveryCommandHasHelp) {
  const std::vector<std::vector<std::string>> commands = {{"stylize"},          {"rerun"},
                                                          {"methods"},          {"methods", "list"},
                                                          {"methods", "show"},  {"models"},
                                                          {"models", "import"}, {"models", "fetch"},
                                                          {"models", "verify"}, {"models", "export"},
                                                          {"models", "remove"}, {"styles"},
                                                          {"styles", "list"},   {"styles", "show"},
                                                          {"styles", "add"},    {"styles", "remove"},
                                                          {"doctor"},           {"version"}};
  for (auto words : commands) {
    words.push_back("--help");
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.status, 0) << words[0];
    EXPECT_THAT(outcome.out, HasSubstr("Usage: atelier " + words[0])) << words[0];
    EXPECT_THAT(outcome.err, IsEmpty()) << words[0];
  }
}

TEST_F(CliContract, OverviewNamesTheCommands) {
  for (const char* word : {"--help", "-h", "help"}) {
    const Outcome outcome = run({word});
    EXPECT_EQ(outcome.status, 0);
    for (const char* command : {"stylize", "rerun", "methods", "models", "doctor", "version"})
      EXPECT_THAT(outcome.out, HasSubstr(command));
  }
  EXPECT_EQ(run({"help", "stylize"}).out, run({"stylize", "--help"}).out);
}

TEST_F(CliContract, VersionIsPrinted) {
  EXPECT_THAT(run({"--version"}).out, StartsWith("atelier 0."));
  EXPECT_EQ(run({"--version"}).out, run({"version"}).out);
}

TEST_F(CliContract, StylizeHelpListsTheOptionsOfTheMethod) {
  const std::string help = run({"stylize", "--method", "gatys", "--help"}).out;
  for (const char* option : {"--style ", "--strength", "--size", "--color", "--mask", "--preview", "--resume", "--json",
                             "Options of the method gatys", "--steps"})
    EXPECT_THAT(help, HasSubstr(option));
}

TEST_F(CliContract, UnknownCommandsAreRefusedWithTheNearest) {
  EXPECT_THAT(refusal({"stylise"}), HasSubstr("did you mean \"stylize\"?"));
  EXPECT_THAT(refusal({"models", "improt"}), HasSubstr("did you mean \"import\"?"));
  refusal({});
}

TEST_F(CliContract, UnknownOptionsAreRefusedWithTheNearest) {
  EXPECT_THAT(stylize_refusal({"--stength", "3"}), HasSubstr("did you mean \"--strength\"?"));
  EXPECT_THAT(stylize_refusal({"--steps", "3"}), HasSubstr("but with gatys, content-gan; choose"));
  EXPECT_THAT(stylize_refusal({"--method", "gatys", "--refine", "3"}), HasSubstr("but with johnson, texture-net"));
  EXPECT_THAT(stylize_refusal({"--stength=3"}), HasSubstr("did you mean \"--strength\"?"));
  EXPECT_THAT(refusal({"styles", "add", "painting.png", "--steps", "3"}), Not(HasSubstr("gatys")));
  EXPECT_THAT(refusal({"doctor", "--loud"}), HasSubstr("see `atelier doctor --help`"));
}

TEST_F(CliContract, OptionsWithoutTheirValueAreRefused) {
  EXPECT_THAT(stylize_refusal({"--size"}), HasSubstr("--size needs a value"));
  EXPECT_THAT(refusal({"rerun"}), HasSubstr("PICTURE is missing"));
  EXPECT_THAT(stylize_refusal({"--quiet", "--json"}), HasSubstr("--json"));
}

TEST_F(CliContract, OfAnOptionGivenTwiceTheLastCounts) {
  EXPECT_THAT(refusal({"train", "johnson", "--threads", "1", "--threads", "two"}), HasSubstr("two"));
  EXPECT_THAT(refusal({"train", "johnson", "--threads", "1", "--threads", "2"}), HasSubstr("is missing"));
}

TEST_F(CliContract, ValuesOutOfRangeAreRefused) {
  EXPECT_THAT(stylize_refusal({"--strength", "101"}), HasSubstr("give a number from 0 to 100"));
  EXPECT_THAT(stylize_refusal({"--strength", "-1"}), HasSubstr("give a number from 0 to 100"));
  EXPECT_THAT(stylize_refusal({"--strength", "much"}), HasSubstr("give a number from 0 to 100"));
  EXPECT_THAT(stylize_refusal({"--size", "-5"}), HasSubstr("give a whole number"));
  EXPECT_THAT(stylize_refusal({"--size", "1"}), HasSubstr("larger --size"));
  EXPECT_THAT(stylize_refusal({"--style-size", "1"}), HasSubstr("larger --style-size"));
  EXPECT_THAT(stylize_refusal({"--color", "red"}), HasSubstr("give style, content, luma"));
  EXPECT_THAT(stylize_refusal({"--precision", "fp8"}), HasSubstr("give auto, fp32 or bf16"));
  EXPECT_THAT(stylize_refusal({"--memory", "2X"}), HasSubstr("such as 800M or 2G"));
  EXPECT_THAT(stylize_refusal({"--quality", "0"}), HasSubstr("from 1 to 100"));
  EXPECT_THAT(stylize_refusal({"--method", "gatys", "--steps", "0"}), HasSubstr("--steps cannot be \"0\""));
  EXPECT_THAT(stylize_refusal({"--seed", "-1"}), HasSubstr("--seed cannot be \"-1\""));
}

TEST_F(CliContract, UnknownMethodsAreRefusedWithTheNearest) {
  EXPECT_THAT(stylize_refusal({"--method", "gatty"}), HasSubstr("did you mean \"gatys\"?"));
  EXPECT_THAT(refusal({"methods", "show", "gatty"}), HasSubstr("did you mean \"gatys\"?"));
}

TEST_F(CliContract, PhotoAndStyleMustBeGiven) {
  EXPECT_THAT(refusal({"stylize", "--style", "painting.png"}), HasSubstr("no photo was given"));
  EXPECT_THAT(refusal({"stylize", "photo.png"}), HasSubstr("no style was given; add --style"));
}

TEST_F(CliContract, MissingFilesAreNamedWithTheNearest) {
  EXPECT_THAT(refusal({"stylize", "phote.png", "--style", "painting.png"}),
              HasSubstr("there is no photo \"phote.png\"; did you mean \"photo.png\"?"));
  EXPECT_THAT(refusal({"stylize", "photo.png", "--style", "paintin.png"}),
              HasSubstr("there is no style or file \"paintin.png\"; did you mean \"painting.png\"?"));
  EXPECT_THAT(stylize_refusal({"--mask", "nowhere.png"}), HasSubstr("there is no mask \"nowhere.png\""));
  refusal({"rerun", "nowhere.png"});
}

TEST_F(CliContract, FilesThatAreNoPicturesAreNamed) {
  std::ofstream(path("painting.png")) << "a text, not a picture\n";
  EXPECT_THAT(stylize_refusal({}), HasSubstr("painting.png"));
  std::ofstream(path("painting.png"), std::ios::trunc);
  EXPECT_THAT(stylize_refusal({}), HasSubstr("painting.png"));
}

TEST_F(CliContract, WeightsOfStylesMustBePositive) {
  EXPECT_THAT(refusal({"stylize", "photo.png", "--style", "painting.png:0"}), HasSubstr("give a number above 0"));
  EXPECT_THAT(refusal({"stylize", "photo.png", "--style", "painting.png:nan"}), HasSubstr("give a number above 0"));
  EXPECT_THAT(refusal({"stylize", "photo.png", "--style", "painting.png:x"}), HasSubstr("is no number"));
}

TEST_F(CliContract, MasksMustFitOneStyle) {
  EXPECT_THAT(stylize_refusal({"--mask", "photo.png=other"}), HasSubstr("is for no given style"));
  EXPECT_THAT(stylize_refusal({"--style", "photo.png", "--mask", "photo.png"}),
              HasSubstr("does not say for which style"));
  EXPECT_THAT(stylize_refusal({"--mask", "photo.png", "--mask", "photo.png"}), HasSubstr("has two masks"));
}

TEST_F(CliContract, AProcessorWithoutBfloat16PaintsAndSaysWhatItCannot) {
  setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 1);
  EXPECT_THAT(stylize_refusal({"--method", "gatys", "--precision", "bf16"}),
              HasSubstr("needs AVX-512; choose precision auto"));
  const auto painted =
      run({"stylize", "photo.png", "--style", "painting.png", "--method", "gatys", "--steps", "2", "-o", "out.png"});
  unsetenv("ONEDNN_MAX_CPU_ISA");
  EXPECT_EQ(painted.status, 0) << painted.err;
}

TEST_F(CliContract, TheOutputMustBeWritable) {
  EXPECT_THAT(stylize_refusal({"-o", "photo.png"}), HasSubstr("is also an input"));
  EXPECT_THAT(stylize_refusal({"-o", "./painting.png"}), HasSubstr("is also an input"));
  EXPECT_THAT(stylize_refusal({"--preview", "photo.png"}), HasSubstr("is also an input"));
  EXPECT_THAT(stylize_refusal({"--mask", "photo.png", "-o", "photo.png"}), HasSubstr("is also an input"));
  EXPECT_THAT(stylize_refusal({"-o", "out.png", "--checkpoint", "./out.png", "--method", "gatys"}),
              HasSubstr("is also written as a picture"));
  EXPECT_THAT(stylize_refusal({"-o", "out.xyz"}), HasSubstr("out.xyz"));
  EXPECT_THAT(stylize_refusal({"-o", "out"}), HasSubstr("out"));
}

TEST_F(CliContract, AMissingOrReadOnlyFolderIsAFailure) {
  for (const char* output : {"missing/out.png", "photo.png/out.png"}) {
    const Outcome outcome = run({"stylize", "photo.png", "--style", "painting.png", "-o", output});
    EXPECT_EQ(outcome.status, 1) << output;
    EXPECT_THAT(outcome.err, StartsWith("atelier: cannot write")) << output;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  }
}

TEST_F(CliContract, ResumeNeedsACheckpoint) {
  EXPECT_THAT(stylize_refusal({"--resume"}), HasSubstr("add --checkpoint FILE"));
  EXPECT_THAT(stylize_refusal({"--resume", "--checkpoint", "run.ckpt"}), HasSubstr("there is no checkpoint"));
  EXPECT_THAT(stylize_refusal({"--checkpoint", "photo.png"}), HasSubstr("name another file"));
  EXPECT_THAT(stylize_refusal({"--checkpoint", "run.ckpt", "--method", "ost"}), HasSubstr("keeps no unfinished runs"));
  EXPECT_THAT(stylize_refusal({"--checkpoint", "run.ckpt", "--method", "gatys", "--strength", "0"}),
              HasSubstr("keeps no unfinished runs"));
}

TEST_F(CliContract, SeveralPhotosAreNoOnePicture) {
  EXPECT_THAT(stylize_refusal({"painting.png", "-o", "one.png"}), HasSubstr("cannot become one picture"));
  EXPECT_FALSE(exists("one.png"));
}

TEST_F(CliContract, AnEmptyMaskIsAskedFor) {
  EXPECT_THAT(stylize_refusal({"--mask", "=painting"}), HasSubstr("names no picture"));
}

TEST_F(CliContract, AFaultOfTheFileSystemIsToldWithItsFile) {
  std::filesystem::create_symlink("loop", path("loop"));
  const Outcome outcome = run({"stylize", "loop", "--style", "painting.png"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, StartsWith("atelier: cannot look at \"loop\": "));
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
}

TEST_F(CliContract, WhatCouldNotBePrintedIsAFailure) {
  const Outcome outcome = run({"methods", "--json"}, [] { ::dup2(::open("/dev/full", O_WRONLY), STDOUT_FILENO); });
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("cannot write to standard output"));
}

TEST_F(CliContract, LimitsOfTheStudioAreNumbers) {
  for (const char* days : {"-1", "nan", "0"})
    EXPECT_THAT(refusal({"serve", "--keep-days", days, "--data", "data"}), HasSubstr("--keep-days")) << days;
}

TEST_F(CliContract, APictureWithoutRecipeCannotBeRepeated) {
  EXPECT_THAT(refusal({"rerun", "photo.png"}), HasSubstr("holds no recipe"));
}

TEST_F(CliContract, MethodsAreListedForPeopleAndPrograms) {
  EXPECT_THAT(run({"methods"}).out, HasSubstr("gatys"));
  EXPECT_EQ(run({"methods"}).out, run({"methods", "list"}).out);
  EXPECT_THAT(run({"methods", "show", "gatys"}).out, HasSubstr("--steps"));
  const auto json = nlohmann::json::parse(run({"methods", "--json"}).out);
  EXPECT_EQ(json.at(0).at("name"), "gatys");
}

TEST_F(CliContract, DoctorNamesWhatComputes) {
  const Outcome outcome = run({"doctor"});
  EXPECT_EQ(outcome.status, 0);
  for (const char* row : {"processor", "memory", "LibTorch", "oneDNN", "BLAS", "models"})
    EXPECT_THAT(outcome.out, HasSubstr(row));
}

// The loader would look up names in more than a hundred of them.
TEST_F(CliContract, WhatLibTorchNamesAndDoesNotUseIsNotLoaded) {
  const Outcome outcome = run({}, [] { ::setenv("LD_TRACE_LOADED_OBJECTS", "1", 1); });
  EXPECT_THAT(outcome.out, HasSubstr("libtorch_cpu"));
  for (const char* library : {"libgdal", "libpoppler-qt", "libx265"})
    EXPECT_THAT(outcome.out, Not(HasSubstr(library))) << "see cmake/AtelierQuickStart.cmake";
}

TEST_F(CliContract, ModelsAreListedAndVerified) {
  EXPECT_EQ(run({"models"}).status, 0);
  EXPECT_EQ(run({"models", "verify"}).status, 0);
  refusal({"models", "import", "nowhere.pth"});
  refusal({"models", "fetch", "vgg20"});
}

}  // namespace
}  // namespace atelier::testing
