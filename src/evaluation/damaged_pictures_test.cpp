// What one picture that cannot be read costs the others: nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <new>
#include <nlohmann/json.hpp>

#include "atelier/error.h"
#include "evaluation/comparison_report.h"
#include "evaluation/evaluation_report.h"
#include "media/image_file.h"
#include "support/fault.h"
#include "support/fixtures.h"
#include "support/test_pictures.h"
#include "support/weight_files.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;
using ::testing::Each;
using ::testing::ElementsAre;
using testing::fault;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class DamagedPictures : public ::testing::Test {
 protected:
  DamagedPictures() {
    for (const char* name : {"photo.png", "broken.png"}) fs::copy_file(fixture("photo_64.png"), path(name));
    fs::resize_file(path("broken.png"), fs::file_size(path("broken.png")) / 2);
    fs::copy_file(fixture("painting_64.png"), path("painting.png"));
  }

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  ComparisonRequest comparing(const std::vector<std::string>& photos, const std::string& style) const {
    ComparisonRequest wanted;
    for (const auto& photo : photos) wanted.contents.push_back(path(photo));
    wanted.style = path(style);
    wanted.methods = parse_compared_methods("gatys");
    wanted.methods.front().options["steps"] = "1";
    wanted.common.size = 64;
    wanted.common.threads = 1;
    wanted.folder = path("painted");
    fs::create_directories(wanted.folder);
    return wanted;
  }

  test::TemporaryFolder folder_;
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST_F(DamagedPictures, APhotoCostsItsOwnRowOfAComparison) {
  const auto found = compare_methods(comparing({"broken.png", "photo.png"}, "painting.png"));
  EXPECT_TRUE(found.complete);
  EXPECT_THAT(found.cells[0][0].fault, HasSubstr("broken.png"));
  EXPECT_EQ(found.cells[0][0].picture, "");
  EXPECT_EQ(found.cells[1][0].fault, "");
  EXPECT_FALSE(std::isnan(found.cells[1][0].style));

  const auto sheet = comparison_sheet(found, 0, 100);
  EXPECT_EQ(sheet.picture.width, 12 + 3 * 112);
  EXPECT_THAT(sheet.blanks, ElementsAre(HasSubstr("broken.png")));
  const auto page = comparison_html(found);
  EXPECT_EQ(count(page, "<img"), 4u);  // the other photo, the painting in both rows, one result
  EXPECT_THAT(page, HasSubstr("<b>photo</b><br><span class=\"fault\">"));
  EXPECT_THAT(page, HasSubstr("<small>1 of 2</small>"));
}

TEST_F(DamagedPictures, ThePaintingIsRefusedBeforeAnythingIsPainted) {
  std::size_t started = 0;
  const auto refusal = fault([&] {
    compare_methods(comparing({"photo.png"}, "broken.png"),
                    {.on_start = [&](const Request&) { ++started; }, .on_progress = {}, .on_cell = {}});
  });
  EXPECT_THAT(refusal, HasSubstr("broken.png"));
  EXPECT_EQ(started, 0u);
}

TEST_F(DamagedPictures, APhotoTooLargeForTheMemoryCostsItsOwnRow) {
  const auto too_large = [&](const Request& request) {
    if (request.content == path("photo.png")) throw std::bad_alloc();
  };
  fs::copy_file(path("photo.png"), path("other.png"));
  const auto found = compare_methods(comparing({"photo.png", "other.png"}, "painting.png"),
                                     {.on_start = too_large, .on_progress = {}, .on_cell = {}});
  EXPECT_THAT(found.cells[0][0].fault, HasSubstr("the memory does not suffice for \"" + path("photo.png")));
  EXPECT_EQ(found.cells[1][0].fault, "");
}

TEST_F(DamagedPictures, WhatIsLostBeforeTheSheetIsLeftBlank) {
  auto found = compare_methods(comparing({"photo.png"}, "painting.png"));
  EXPECT_THAT(comparison_sheet(found).blanks, IsEmpty());
  for (const auto& lost : {found.cells[0][0].picture, path("painting.png")}) fs::remove(lost);
  const auto sheet = comparison_sheet(found);
  EXPECT_THAT(sheet.blanks, ElementsAre(HasSubstr("painting.png"), HasSubstr("1-1-photo-gatys.png")));
  const auto page = comparison_html(found);
  EXPECT_EQ(count(page, "<img"), 1u);
  EXPECT_EQ(count(page, "No such file"), 2u);
  EXPECT_THAT(page, HasSubstr("ssim "));  // the figures stay
}

TEST_F(DamagedPictures, AFaultBesideAPictureIsShownOnce) {
  auto found = compare_methods(comparing({"photo.png"}, "painting.png"));
  found.cells[0][0].fault = "cannot be measured";
  EXPECT_EQ(count(comparison_html(found), "cannot be measured"), 1u);
  const int without = comparison_sheet(compare_methods(comparing({"photo.png"}, "painting.png"))).picture.height;
  EXPECT_GT(comparison_sheet(found).picture.height, without);
  fs::remove(found.cells[0][0].picture);
  found.cells[0][0].fault = comparison_sheet(found).blanks.front();
  EXPECT_EQ(count(comparison_html(found), "No such file"), 1u);
}

TEST_F(DamagedPictures, AResultCostsItsOwnRowOfAnEvaluation) {
  std::vector<std::string> told;
  const auto found = evaluate_pictures(
      {{path("photo.png"), "", "", ""}, {path("broken.png"), "", "", ""}, {path("gone.png"), "", "", ""}},
      {.metrics = "palette,checkerboard"}, [&](const Evaluation& so_far) {
        told.push_back(so_far.pictures.back().files.result);
        return true;
      });
  EXPECT_THAT(told, ElementsAre(path("photo.png"), path("broken.png"), path("gone.png")));
  EXPECT_TRUE(found.complete);
  EXPECT_EQ(count_failed(found), 2u);
  EXPECT_FALSE(found.pictures[0].failed);
  EXPECT_THAT(found.pictures[0].values, Each(::testing::Truly([](double value) { return std::isfinite(value); })));
  for (const std::size_t row : {1, 2}) {
    EXPECT_TRUE(found.pictures[row].failed);
    EXPECT_THAT(found.pictures[row].values, ElementsAre(::testing::IsNan(), ::testing::IsNan()));
  }
  EXPECT_THAT(found.pictures[1].notes, ElementsAre(HasSubstr("broken.png")));
  EXPECT_THAT(found.pictures[2].notes, ElementsAre(HasSubstr("No such file")));
  EXPECT_EQ(mean_of(found, 0), found.pictures[0].values[0]);
  EXPECT_EQ(counted_in_mean(found, 0), 1u);
}

TEST_F(DamagedPictures, SoDoesAPartnerThatIsBrokenOrOfAnotherShape) {
  write_image(path("wide.png"), testing::noise_picture(64, 48, 1));
  const auto photo = path("photo.png"), broken = path("broken.png"), wide = path("wide.png"),
             painting = path("painting.png");
  const auto found = evaluate_pictures({{photo, photo, painting, photo},
                                        {photo, broken, painting, photo},
                                        {photo, photo, broken, photo},
                                        {photo, photo, painting, broken},
                                        {photo, wide, painting, photo},
                                        {photo, photo, painting, wide}},
                                       {.metrics = "ssim,swd-lab"});
  EXPECT_EQ(count_failed(found), 5u);
  EXPECT_EQ(found.pictures[0].values[0], 1);
  EXPECT_THAT(found.pictures[4].notes, ElementsAre(HasSubstr("differ in shape")));
  EXPECT_THAT(found.pictures[5].notes, ElementsAre(HasSubstr("differ in size")));
}

TEST_F(DamagedPictures, WithoutAnotherResultItIsAnError) {
  EXPECT_THAT(fault([&] {
                evaluate_pictures({{path("broken.png"), "", "", ""}}, {.metrics = "palette"});
              }),
              HasSubstr("broken.png"));
}

TEST_F(DamagedPictures, SoIsAPartnerOfAllResults) {
  const std::string photo = path("photo.png"), broken = path("broken.png");
  for (const auto& files : {EvaluatedFiles{photo, broken, "", ""}, EvaluatedFiles{photo, "", broken, ""},
                            EvaluatedFiles{photo, "", "", broken}}) {
    const auto told = [](const Evaluation&) -> bool { throw Error("something was measured"); };
    EXPECT_THAT(fault([&] {
                  evaluate_pictures({files, files}, {.metrics = "palette"}, told);
                }),
                HasSubstr("broken.png"));
  }
}

TEST_F(DamagedPictures, ReportsSayHowManyAMeanIsOver) {
  const auto found = evaluate_pictures({{path("photo.png"), "", path("painting.png"), ""},
                                        {path("broken.png"), "", path("painting.png"), ""},
                                        {path("photo.png"), "", path("broken.png"), ""}},
                                       {.metrics = "palette,swd-lab"});
  const auto page = evaluation_html(found);
  EXPECT_THAT(page, HasSubstr("3 pictures, of which 2 could not be measured;"));
  EXPECT_EQ(count(page, "<small>1 of 3</small>"), 2u);
  EXPECT_EQ(count(page, "<img"), 4u);
  EXPECT_EQ(count(page, "<td></td>"), 2u);
  EXPECT_EQ(count(page, "<br><span class=\"fault\">"), 2u);

  const auto json = nlohmann::json::parse(evaluation_json(found));
  EXPECT_EQ(json["pictures"].size(), 3u);
  EXPECT_TRUE(json["pictures"][1]["scores"]["palette"].is_null());
  EXPECT_THAT(json["pictures"][1]["notes"][0], HasSubstr("broken.png"));
  EXPECT_EQ(json["mean_over"]["palette"], 1);
  EXPECT_THAT(evaluation_csv(found), HasSubstr("broken.png,," + path("painting.png") + ",,,\n"));

  const auto whole = evaluation_html(evaluate_pictures({{path("photo.png"), "", "", ""}}, {.metrics = "palette"}));
  EXPECT_THAT(whole, Not(HasSubstr("<small>1 of 1</small>")));
  EXPECT_THAT(whole, Not(HasSubstr("could not be measured")));
}

}  // namespace
}  // namespace atelier
