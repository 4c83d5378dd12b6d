// What the command line promises about pictures: where they go, what is said meanwhile, and what
// is left after a Ctrl-C, a closed pipe or a full disk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "media/image_file.h"
#include "support/cli_test.h"

namespace atelier::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// Long enough to be interrupted, however fast the machine.
constexpr const char* kManySteps = "9999";

class CliPainting : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    if (run({"models"}).out.find("compact") == std::string::npos)
      GTEST_SKIP() << "the encoder \"compact\" is not embedded in this build";
  }
  // One thread: tests run side by side, and OpenMP's threads wait for each other by spinning.
  static std::vector<std::string> words(std::vector<std::string> more, const std::string& steps = "3") {
    more.insert(more.begin(), {"stylize", "--method", "gatys", "--style", "painting.png", "--size", "64", "--threads", "1",
                              "--steps", steps});
    return more;
  }
  Outcome paint(const std::vector<std::string>& more) const { return run(words(more)); }
  Image picture(const std::string& name) const { return read_image(path(name)); }
  /// Starts a long run, waits for its first step.
  void begin(Process& process) const { ASSERT_TRUE(process.wait_for("\"step\":1,")) << process.finish().err; }
};

std::vector<nlohmann::json> events(const std::string& lines) {
  std::vector<nlohmann::json> result;
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) result.push_back(nlohmann::json::parse(line));
  return result;
}

TEST_F(CliPainting, WritesThePictureThatWasAskedFor) {
  const Outcome outcome = paint({"photo.png", "-o", "out.jpg"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("wrote out.jpg"));
  const Image image = picture("out.jpg");
  EXPECT_EQ(std::max(image.width, image.height), 64);
  EXPECT_THAT(new_files(), ElementsAre("out.jpg"));
}

TEST_F(CliPainting, NamesThePictureAfterPhotoAndStyle) {
  EXPECT_EQ(paint({"photo.png", "--quiet"}).status, 0);
  EXPECT_THAT(new_files(), ElementsAre("photo-painting.png"));
}

TEST_F(CliPainting, ASlashMakesAFolderForASinglePhoto) {
  EXPECT_EQ(paint({"photo.png", "-o", "new/", "--quiet"}).status, 0);
  EXPECT_TRUE(exists("new/photo.png"));
}

TEST_F(CliPainting, NamesReachTheTerminalWithoutTheirControlCharacters) {
  const std::string name = "a\nb\x1b[31m.png";
  std::filesystem::copy_file(path("photo.png"), path(name));
  EXPECT_THAT(paint({name, "-o", "out-" + name}).err, HasSubstr("wrote out-a?b?[31m.png"));
  EXPECT_THAT(paint({"no-" + name}).err, StartsWith("atelier: there is no photo \"no-a?b?[31m.png\"; "));
}

TEST_F(CliPainting, TooSmallAnAddressSpaceIsRefusedInOneLine) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "AddressSanitizer needs an address space of terabytes";
#endif
  const auto prepare = [] {
    const rlimit limit{1'500'000'000, 1'500'000'000};
    ::setrlimit(RLIMIT_AS, &limit);
  };
  const Outcome outcome = run(words({"photo.png", "-o", "out.png"}), prepare);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, StartsWith("atelier: the limit on address space (`ulimit -v`) is below the 2 GB"));
}

TEST_F(CliPainting, QuietSaysNothing) {
  const Outcome outcome = paint({"photo.png", "--quiet"});
  EXPECT_THAT(outcome.out + outcome.err, IsEmpty());
}

TEST_F(CliPainting, StrengthZeroGivesThePhoto) {
  EXPECT_EQ(paint({"photo.png", "-o", "out.png", "--strength", "0", "--size", "0"}).status, 0);
  EXPECT_EQ(picture("out.png").rgb, picture("photo.png").rgb);
}

TEST_F(CliPainting, TheSameSeedGivesTheSamePicture) {
  paint({"photo.png", "-o", "a.png", "--seed", "7"});
  paint({"photo.png", "-o", "b.png", "--seed", "7"});
  EXPECT_EQ(picture("a.png").rgb, picture("b.png").rgb);
}

TEST_F(CliPainting, AlphaIsCarried) {
  Image photo = picture("photo.png");
  photo.alpha.assign(photo.pixels(), 1);
  std::fill_n(photo.alpha.begin(), photo.pixels() / 2, 0.f);
  write_image(path("cut.png"), photo);
  ASSERT_EQ(paint({"cut.png", "-o", "out.png", "--size", "0"}).status, 0);
  EXPECT_EQ(picture("out.png").alpha, photo.alpha);
}

TEST_F(CliPainting, JsonEventsTellTheRun) {
  const Outcome outcome = paint({"photo.png", "-o", "out.png", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, IsEmpty());
  const auto all = events(outcome.out);
  EXPECT_EQ(all.front()["event"], "start");
  EXPECT_EQ(all.front()["method"], "gatys");
  EXPECT_EQ(all.back()["event"], "done");
  EXPECT_EQ(all.back()["output"], "out.png");
  EXPECT_EQ(all.back()["complete"], true);
  const bool told = std::any_of(all.begin(), all.end(), [](const auto& event) {
    return event["event"] == "progress" && event["step"] == event["steps"] && event["steps"] > 0 &&
           !event["terms"].empty();
  });
  EXPECT_TRUE(told) << outcome.out;
}

TEST_F(CliPainting, JsonTellsTheErrorToo) {
  const Outcome outcome = paint({"gone.png", "--json"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, StartsWith("atelier: there is no photo"));
  const auto all = events(outcome.out);
  EXPECT_EQ(all.back()["event"], "error");
  EXPECT_EQ(all.back()["kind"], "bad-request");
}

TEST_F(CliPainting, AFolderOfPhotosBecomesAFolderOfPictures) {
  std::filesystem::create_directory(path("in"));
  std::filesystem::copy_file(path("photo.png"), path("in/a.png"));
  std::filesystem::copy_file(path("photo.png"), path("in/b.jpg"));  // found by content, not by name
  std::ofstream(path("in/broken.png"), std::ios::binary) << "\x89PNG\r\n\x1a\n and no more";
  std::ofstream(path("in/notes.txt")) << "not considered";
  const Outcome outcome = paint({"in", "-o", "painted/here"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("atelier: "));
  EXPECT_THAT(outcome.err, HasSubstr("broken.png"));
  EXPECT_THAT(outcome.err, HasSubstr("2 written, 1 failed"));
  EXPECT_TRUE(exists("painted/here/a.png") && exists("painted/here/b.jpg"));
  EXPECT_FALSE(exists("painted/here/broken.png") || exists("painted/here/notes.txt"));
}

TEST_F(CliPainting, AFolderIsGoneOnWithWhereItWasLeft) {
  for (const char* name : {"in/a.png", "in/deep/b.png", "in/deep/c.png"}) {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::filesystem::copy_file(path("photo.png"), path(name));
  }
  std::filesystem::create_directories(path("in/out/deep"));
  std::ofstream(path("in/out/deep/b.png")) << "from an earlier run";
  const std::vector<std::string> again = {"in/", "-o", "in/out", "--skip-existing", "--jobs", "2", "--json"};
  const Outcome first = paint(again);
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_EQ(events(first.out).back(), nlohmann::json::parse(R"({"event":"summary","written":2,"failed":0,"skipped":1})"));
  EXPECT_EQ(std::filesystem::file_size(path("in/out/deep/b.png")), 19U);
  EXPECT_TRUE(exists("in/out/a.png") && exists("in/out/deep/c.png"));
  EXPECT_FALSE(exists("in/out/out"));
  EXPECT_EQ(events(paint(again).out).back()["skipped"], 3);
}

TEST_F(CliPainting, SeveralAtOnceGiveTheSamePicturesAsOneAfterTheOther) {
  std::filesystem::create_directory(path("in"));
  for (const char* name : {"a.png", "b.png", "c.png"}) std::filesystem::copy_file(path("photo.png"), path("in/") + name);
  EXPECT_EQ(paint({"in", "-o", "one"}).status, 0);
  EXPECT_EQ(paint({"in", "-o", "three", "--jobs", "3"}).status, 0);
  for (const char* name : {"a.png", "b.png", "c.png"})
    EXPECT_EQ(picture(std::string("one/") + name).rgb, picture(std::string("three/") + name).rgb) << name;
}

TEST_F(CliPainting, SeveralPhotosOfOneNameAreRefused) {
  std::filesystem::create_directory(path("in"));
  std::filesystem::copy_file(path("photo.png"), path("in/photo.png"));
  const Outcome outcome = paint({"photo.png", "in/photo.png", "-o", "out"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("would both become"));
}

TEST_F(CliPainting, MasksOfAnotherShapeAreRefused) {
  Image mask;
  mask.width = 30;
  mask.height = 10;
  mask.rgb.assign(mask.pixels() * 3, 1.f);
  write_image(path("wide.png"), mask);
  const Outcome outcome = paint({"photo.png", "--mask", "wide.png=painting"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("of another shape than the photo"));
}

TEST_F(CliPainting, PreviewIsAWholePicture) {
  EXPECT_EQ(paint({"photo.png", "-o", "out.png", "--preview", "so-far.png"}).status, 0);
  EXPECT_GT(picture("so-far.png").width, 0);
}

TEST_F(CliPainting, CtrlCLeavesNothingBehind) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Process process = start(words({"photo.png", "-o", "out.png", "--json"}, kManySteps));
    begin(process);
    const auto asked = std::chrono::steady_clock::now();
    process.send(signal);
    const Outcome outcome = process.finish();
    EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::seconds(20));
    EXPECT_EQ(outcome.status, 130);
    EXPECT_THAT(outcome.err, StartsWith("atelier: "));
    EXPECT_THAT(new_files(), IsEmpty());
  }
}

TEST_F(CliPainting, AClosedTerminalThatNohupIgnoresIsIgnored) {
  auto process = start(words({"photo.png", "-o", "out.png", "--json"}, kManySteps), [] { std::signal(SIGHUP, SIG_IGN); });
  begin(process);
  process.send(SIGHUP);
  EXPECT_TRUE(process.wait_for("\"step\":5,")) << "it goes on";
  process.send(SIGINT);
  EXPECT_EQ(process.finish().status, 130);
}

TEST_F(CliPainting, APhotoOfAnImpossibleNameDoesNotEndTheBatch) {
  const std::string name(250, 'x');  // PHOTO-STYLE.png would be too long
  std::filesystem::copy_file(path("photo.png"), path(name + ".png"));
  const Outcome outcome = paint({name + ".png", "photo.png", "--skip-existing", "--jobs", "2"});
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("choose a shorter name"));
  EXPECT_TRUE(exists("photo-painting.png"));
}

TEST_F(CliPainting, CtrlCKeepsTheBestWhenAsked) {
  Process process = start(words({"photo.png", "-o", "out.png", "--json", "--keep-best"}, kManySteps));
  begin(process);
  process.send(SIGINT);
  const Outcome outcome = process.finish();
  EXPECT_EQ(outcome.status, 130);
  EXPECT_EQ(events(outcome.out).back()["complete"], false);
  EXPECT_THAT(new_files(), ElementsAre("out.png"));
  EXPECT_GT(picture("out.png").width, 0);
}

TEST_F(CliPainting, AReaderWhoLeavesDoesNotCostThePicture) {
  Process process = start(words({"photo.png", "-o", "out.png", "--json"}, "30"));
  begin(process);
  process.close_output();
  EXPECT_EQ(process.finish().status, 0);
  EXPECT_GT(picture("out.png").width, 0);
}

TEST_F(CliPainting, ClosedDescriptorsDoNotEndUpInThePicture) {
  const auto close_all = [] {
    for (const int descriptor : {0, 1, 2}) ::close(descriptor);
  };
  EXPECT_EQ(run(words({"photo.png", "-o", "out.png"}), close_all).status, 0);
  EXPECT_GT(picture("out.png").width, 0);
}

TEST_F(CliPainting, TwoRunsOnOneOutputLeaveAWholePicture) {
  Process first = start(words({"photo.png", "-o", "out.png"}));
  Process second = start(words({"photo.png", "-o", "out.png", "--seed", "1"}));
  EXPECT_EQ(first.finish().status, 0);
  EXPECT_EQ(second.finish().status, 0);
  EXPECT_GT(picture("out.png").width, 0);
  EXPECT_THAT(new_files(), ElementsAre("out.png"));
}

TEST_F(CliPainting, AFullDiskIsOneLineAndNoFile) {
  const auto limit_files = [] {
    const rlimit limit{100, 100};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  };
  const Outcome outcome = run(words({"photo.png", "-o", "out.png", "--quiet"}), limit_files);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, StartsWith("atelier: cannot write"));
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_THAT(new_files(), IsEmpty());
}

TEST_F(CliPainting, RerunRepeatsThePicture) {
  ASSERT_EQ(paint({"photo.png", "-o", "out.png", "--strength", "70"}).status, 0);
  const Outcome outcome = run({"rerun", "out.png", "-o", "again.png", "--quiet", "--threads", "1"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(picture("again.png").width, picture("out.png").width);
  EXPECT_EQ(picture("again.png").rgb, picture("out.png").rgb);
}

TEST_F(CliPainting, RerunRefusesChangedInputsUnlessForced) {
  ASSERT_EQ(paint({"photo.png", "-o", "out.png"}).status, 0);
  std::filesystem::copy_file(path("photo.png"), path("painting.png"),
                             std::filesystem::copy_options::overwrite_existing);
  const Outcome outcome = run({"rerun", "out.png"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("\"painting.png\" has changed"));
  EXPECT_EQ(run({"rerun", "out.png", "--force", "-q", "--threads", "1"}).status, 0);
}

}  // namespace
}  // namespace atelier::testing
