#include "evaluation/compare_methods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "atelier/error.h"
#include "encoders/random_chain.h"
#include "evaluation/comparison_report.h"
#include "support/fault.h"
#include "support/fixtures.h"
#include "support/weight_files.h"
#include "weights/safetensors.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using testing::fault;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CompareMethods : public ::testing::Test {
 protected:
  ComparisonRequest request(const std::string& methods) const {
    ComparisonRequest wanted;
    wanted.contents = {fixture("photo_64.png")};
    wanted.style = fixture("painting_64.png");
    wanted.methods = parse_compared_methods(methods);
    for (auto& compared : wanted.methods)
      if (compared.method == "gatys") compared.options["steps"] = "1";
    wanted.common.size = 64;
    wanted.common.threads = 1;
    wanted.folder = folder_.path();
    return wanted;
  }

  test::TemporaryFolder folder_;
};

TEST_F(CompareMethods, ParsesMethodsStylesAndOptions) {
  auto methods = parse_compared_methods("gatys,conditional-in:great-wave,conditional-in:scream");
  ASSERT_EQ(methods.size(), 3u);
  EXPECT_EQ(methods[1].method, "conditional-in");
  EXPECT_EQ(methods[1].style, "great-wave");
  EXPECT_EQ(methods[1].label(), "conditional-in:great-wave");
  set_compared_option("gatys.steps=100", methods);
  set_compared_option("conditional-in:scream.x=1.5", methods);
  EXPECT_EQ(methods[0].options.at("steps"), "100");
  EXPECT_THAT(methods[1].options, IsEmpty());
  EXPECT_EQ(methods[2].options.at("x"), "1.5");
}

TEST_F(CompareMethods, RefusesBadListsBeforeAnyWork) {
  EXPECT_THAT(fault([] { parse_compared_methods("gatys,adian"); }), HasSubstr("did you mean \"adain\"?"));
  EXPECT_THAT(fault([] { parse_compared_methods("gatys:"); }), HasSubstr("names no style"));
  EXPECT_THROW(parse_compared_methods(""), Error);
  auto methods = parse_compared_methods("gatys");
  EXPECT_THAT(fault([&] { set_compared_option("gatys.steps", methods); }), HasSubstr("sets no option"));
  EXPECT_THAT(fault([&] { set_compared_option("adain.x=1", methods); }), HasSubstr("not compared"));
  auto wanted = request("gatys");
  wanted.style = "great-wave";
  EXPECT_THAT(fault([&] { compare_methods(wanted); }), HasSubstr("there is no painting"));
  wanted = request("gatys");
  wanted.contents.push_back(fixture("make_metric_values.py"));
  EXPECT_THAT(fault([&] { compare_methods(wanted); }), HasSubstr("is no picture"));
}

TEST_F(CompareMethods, SaysInItsCellWhatOneMethodRefuses) {
  auto wanted = request("johnson,gatys");
  std::size_t told = 0;
  const auto found =
      compare_methods(wanted, {.on_start = {}, .on_progress = {}, .on_cell = [&](const auto&, auto, auto) { ++told; }});
  EXPECT_TRUE(found.complete);
  EXPECT_EQ(told, 2u);
  ASSERT_EQ(found.cells[0].size(), 2u);
  EXPECT_THAT(found.cells[0][0].fault, HasSubstr("johnson paints in styles that it has learnt"));
  EXPECT_TRUE(found.cells[0][0].picture.empty());
  EXPECT_EQ(found.cells[0][1].fault, "");
  EXPECT_TRUE(std::filesystem::exists(found.cells[0][1].picture));
  EXPECT_GT(found.cells[0][1].seconds, 0);
  EXPECT_GT(found.cells[0][1].ssim, 0.1);
  EXPECT_GT(found.cells[0][1].style, 0);

  const auto sheet = comparison_sheet(found, 0, 100).picture;
  EXPECT_EQ(sheet.width, 12 + 4 * 112);  // photo, painting, two methods
  const auto page = comparison_html(found);
  EXPECT_THAT(page, HasSubstr("johnson paints in styles that it has learnt"));
  EXPECT_THAT(page, HasSubstr("<h2>seconds"));
}

TEST_F(CompareMethods, ShowsNoFigureAndNoMeanWhereMeasuringFails) {
  auto wanted = request("gatys");
  wanted.yardstick = (folder_ / "yardstick.safetensors").string();
  write_safetensors(wanted.yardstick, write_chain(random_chain({1, 1, 1, 2, 1}, {4, 6, 8, 8, 8}), false));
  const auto take_away = [&](const Request&) { std::filesystem::remove(wanted.yardstick); };
  const auto found = compare_methods(wanted, {.on_start = take_away, .on_progress = {}, .on_cell = {}});
  const auto& cell = found.cells[0][0];
  EXPECT_NE(cell.fault, "");
  EXPECT_NE(cell.picture, "");
  for (const double figure : {cell.style, cell.content, cell.ssim}) EXPECT_TRUE(std::isnan(figure)) << figure;
  EXPECT_THAT(comparison_html(found), HasSubstr("<td>–</td><td>–</td><td>–</td>"));
}

TEST_F(CompareMethods, KeepsWhatIsDoneWhenStopped) {
  auto wanted = request("gatys,gatys");
  wanted.contents.push_back(fixture("photo_128.png"));
  bool go_on = true;
  const auto found = compare_methods(wanted, {.on_start = {},
                                              .on_progress = [&](const Progress&) { return go_on; },
                                              .on_cell = [&](const auto&, auto, auto) { go_on = false; }});
  EXPECT_FALSE(found.complete);
  EXPECT_FALSE(found.cells[0][0].picture.empty());
  EXPECT_TRUE(found.cells[0][1].picture.empty());
  EXPECT_TRUE(found.cells[0][1].fault.empty());
  EXPECT_THAT(comparison_html(found), HasSubstr("stopped before its turn"));
  EXPECT_EQ(comparison_sheet(found, 2, 100).picture.width,
            12 + 4 * 112);  // several photos: a row each, whatever --columns
}

TEST(FigureLines, AreShort) {
  ComparisonCell cell;
  cell.style = 0.41234;
  cell.content = 0.6;
  cell.ssim = NAN;
  cell.seconds = 12.34;
  EXPECT_THAT(figure_lines(cell), ElementsAre("style 0.412  content 0.600", "ssim –  12 s"));
}

}  // namespace
}  // namespace atelier
