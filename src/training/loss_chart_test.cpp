#include "training/loss_chart.h"

#include <gtest/gtest.h>

#include <limits>

#include "atelier/error.h"

namespace atelier {
namespace {

TEST(LossHistory, ThinsByMeansOfNeighbours) {
  LossHistory history;
  for (int step = 1; step <= 400; ++step) history.add(step, step, {{"style", 2}});
  ASSERT_EQ(history.points().size(), 200u);
  EXPECT_EQ(history.points()[0].step, 2);
  EXPECT_DOUBLE_EQ(history.points()[0].values.at("loss"), 1.5);
  EXPECT_DOUBLE_EQ(history.points()[199].values.at("style"), 2);
  history.add(401, 401, {});
  EXPECT_EQ(history.points().size(), 200u);  // from now on two steps make a point
  history.add(402, 403, {});
  EXPECT_DOUBLE_EQ(history.points()[200].values.at("loss"), 402);
}

TEST(LossHistory, SurvivesACheckpoint) {
  LossHistory history;
  for (int step = 1; step <= 5; ++step) history.add(step, 1.0 / step, {{"content", 0.5}});
  const auto back = LossHistory::from_json(history.to_json());
  ASSERT_EQ(back.points().size(), 5u);
  EXPECT_EQ(back.to_json(), history.to_json());
  EXPECT_THROW(LossHistory::from_json("{}"), Error);
  EXPECT_THROW(LossHistory::from_json("oops"), Error);
}

TEST(LossHistory, LeavesOutWhatIsNotFinite) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN(), kEndless = std::numeric_limits<double>::infinity();
  LossHistory history;
  for (int step = 1; step <= 400; ++step) history.add(step, step % 2 == 0 ? kNone : step, {{"style", step % 2}});
  ASSERT_EQ(history.points().size(), 200u);
  EXPECT_DOUBLE_EQ(history.points()[0].values.at("loss"), 1) << "the neighbour's alone";
  EXPECT_DOUBLE_EQ(history.points()[0].values.at("style"), 0.5);
  history.add(401, 8, {{"style", -kEndless}});
  history.add(402, kNone, {{"style", 3}});
  EXPECT_DOUBLE_EQ(history.points()[200].values.at("loss"), 8) << "the mean of those that are finite";
  EXPECT_DOUBLE_EQ(history.points()[200].values.at("style"), 3);
  for (int step = 403; step <= 404; ++step) history.add(step, kNone, {});
  EXPECT_EQ(history.points().size(), 201u);
  EXPECT_EQ(LossHistory::from_json(history.to_json()).to_json(), history.to_json());
}

TEST(LossHistory, ReadsHistoriesWithNumbersThatWereNotFinite) {
  const auto history = LossHistory::from_json(
      R"({"per_point":1,"points":[{"step":0,"values":{"loss":null,"style":2}},{"step":1,"values":{"loss":null}}]})");
  ASSERT_EQ(history.points().size(), 1u);
  EXPECT_EQ(history.points()[0].values, (std::map<std::string, double>{{"style", 2}}));
  EXPECT_THROW(LossHistory::from_json(R"({"per_point":1,"points":[{"step":0,"values":{"loss":"2"}}]})"), Error);
}

TEST(ChartPage, ShowsWhatTheLastStepLacks) {
  LossHistory history;
  history.add(1, 4, {});
  history.add(2, std::numeric_limits<double>::quiet_NaN(), {{"style", 1}});
  const auto page = chart_page("run", history, "");
  EXPECT_NE(page.find("<h2>loss</h2>"), std::string::npos) << page;
  EXPECT_NE(page.find("<h2>style</h2>"), std::string::npos) << page;
}

TEST(ChartPage, DrawsEveryValueAndEscapesNames) {
  LossHistory history;
  history.add(1, 4, {{"a<b", 1}});
  history.add(2, 2, {{"a<b", 3}});
  const auto page = chart_page("run & more", history, "x.png");
  EXPECT_NE(page.find("run &amp; more"), std::string::npos);
  EXPECT_NE(page.find("a&lt;b"), std::string::npos);
  EXPECT_NE(page.find("x.png"), std::string::npos);
  std::size_t lines = 0;
  for (auto at = page.find("<polyline"); at != std::string::npos; at = page.find("<polyline", at + 1)) ++lines;
  EXPECT_EQ(lines, 2u);
  // The first value of "loss" is the highest: the line begins at the top left.
  EXPECT_NE(page.find("64.0,12.0 632.0,156.0"), std::string::npos) << page;
}

TEST(ChartPage, FindsAPreviewOfAnyName) {
  LossHistory history;
  history.add(1, 4, {});
  const auto page = chart_page("D\xfcrer #1.safetensors", history, "D\xfcrer #1.safetensors.preview.png");
  EXPECT_NE(page.find("src=\"D%FCrer%20%231.safetensors.preview.png\""), std::string::npos) << page;
  EXPECT_EQ(page.find('\xfc'), std::string::npos);
}

TEST(ChartSheet, ShowsACurveForEveryValue) {
  LossHistory history;
  EXPECT_THROW(chart_sheet(history), Error);
  for (int step = 1; step <= 9; ++step) history.add(step, 1.0 / step, {});
  const auto one = chart_sheet(history);
  for (int step = 10; step <= 12; ++step) history.add(step, 1.0 / step, {{"content", 0.5}, {"style", 0.25}});
  const auto three = chart_sheet(history);
  EXPECT_GE(one.height, 135);
  EXPECT_GE(three.height, 2 * 135) << "two rows";
  EXPECT_GE(three.width, 2 * 480);
}

}  // namespace
}  // namespace atelier
