// What `atelier palette` and the filters of `atelier dataset` promise.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "media/find_images.h"
#include "media/image_file.h"
#include "support/cli_test.h"

namespace atelier::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class CliPalette : public CliTest {
 protected:
  void expect_refusal(const std::vector<std::string>& arguments) const {
    const auto outcome = run(arguments);
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, StartsWith("atelier: "));
    EXPECT_THAT(outcome.err, HasSubstr("; "));
    EXPECT_THAT(new_files(), IsEmpty());
  }
};

TEST_F(CliPalette, CountsTheClustersThatScikitLearnFinds) {
  const auto outcome = run({"palette", "photo.png", "--json"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["count"], 26);  // tests/fixtures/dbscan.json
  EXPECT_EQ(json["clusters"].size(), 26U);
  EXPECT_EQ(json["pixels"], 4096);
  std::uint64_t pixels = json["noise"];
  for (const auto& cluster : json["clusters"]) pixels += cluster["pixels"].get<std::uint64_t>();
  EXPECT_EQ(pixels, 4096U);
}

TEST_F(CliPalette, ListsSwatchesWithoutControlSequencesIntoAPipe) {
  const auto outcome = run({"palette", "photo.png", "painting.png", "--cluster", "kmeans", "--clusters", "5"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("photo.png: 5 clusters of "));
  EXPECT_THAT(outcome.out, HasSubstr("painting.png: 5 clusters of "));
  EXPECT_THAT(outcome.out, HasSubstr("  #"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("\x1b")));
}

TEST_F(CliPalette, WritesMapAndCharts) {
  EXPECT_EQ(run({"palette", "photo.png", "--cluster", "hierarchical", "--map", "map.png", "--chart", "c.svg"}).status,
            0);
  EXPECT_EQ(run({"palette", "photo.png", "painting.png", "--space", "lab", "--chart", "c.png"}).status, 0);
  EXPECT_EQ(read_image(path("map.png")).width, 64);
  EXPECT_GE(read_image(path("c.png")).width, 1024);
  std::ifstream svg(path("c.svg"));
  std::string line;
  std::getline(svg, line);
  EXPECT_THAT(line, StartsWith("<svg "));
}

TEST_F(CliPalette, RefusesWhatItCannotDo) {
  expect_refusal({"palette"});
  expect_refusal({"palette", "none.png"});
  expect_refusal({"palette", "photo.png", "--eps", "0"});
  expect_refusal({"palette", "photo.png", "--min-points", "0"});
  expect_refusal({"palette", "photo.png", "--cluster", "magic"});
  expect_refusal({"palette", "photo.png", "--cluster", "kmeans", "--clusters", "0"});
  expect_refusal({"palette", "photo.png", "--chart", "chart.doc"});
  expect_refusal({"palette", "photo.png", "--map", "photo.png"});
  expect_refusal({"palette", "photo.png", "painting.png", "--map", "map.png"});
}

TEST_F(CliPalette, FiltersFoldersAndDrawsDigits) {
  std::filesystem::create_directories(path("in"));
  std::filesystem::copy_file(path("photo.png"), path("in/photo.png"));
  std::ofstream(path("in/broken.png"), std::ios::binary) << "\x89PNG\r\n\x1a\n no more";
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"smooth-edges", "in", "smooth"}, {"cartoon", "in", "drawn", "--colours", "6"}}) {
    std::vector<std::string> arguments{"dataset"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    const auto outcome = run(arguments);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, StartsWith("1 picture written to " + words[2]));
    EXPECT_THAT(outcome.err, HasSubstr("skipped: "));
    EXPECT_EQ(find_images(path(words[2])).size(), 1U);
  }
  const auto json = nlohmann::json::parse(run({"palette", "drawn/photo.png", "--json"}).out);
  EXPECT_LE(json["colours"], 6);
  EXPECT_EQ(run({"dataset", "digits", "digits.safetensors", "--count", "20"}).status, 0);
  EXPECT_EQ(run({"dataset", "digits", "digits", "--count", "20"}).status, 0);
  EXPECT_EQ(find_images(path("digits")).size(), 20U);
}

TEST_F(CliPalette, RefusesFiltersThatCannotGoWell) {
  expect_refusal({"dataset", "cartoon", "photo.png", "out", "--colours", "1"});
  expect_refusal({"dataset", "smooth-edges", "none", "out"});
  expect_refusal({"dataset", "digits", "out", "--count", "0"});
  expect_refusal({"dataset"});
}

}  // namespace
}  // namespace atelier::testing
