#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "report/html_page.h"
#include "report/svg_chart.h"
#include "support/test_pictures.h"

namespace atelier {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(HtmlPage, EscapesTheTitleAndKeepsTheBody) {
  const auto page = html_page("a < b & \"c\"", "<p>x</p>");
  EXPECT_EQ(count(page, "a &lt; b &amp; &quot;c&quot;"), 2u);
  EXPECT_EQ(count(page, "<p>x</p>"), 1u);
  EXPECT_EQ(count(page, "http"), 0u);  // nothing is fetched
}

TEST(HtmlPage, IsUtf8WhateverTheNames) { EXPECT_EQ(count(bar_chart({{"\xff.png", 1}}), "\xff"), 0u); }

TEST(HtmlPage, FindsFilesOfAnyName) {
  EXPECT_EQ(file_address("great-wave_2.png"), "great-wave_2.png");
  EXPECT_EQ(file_address("a b#1?%\"\xfc:/.png"), "a%20b%231%3F%25%22%FC%3A%2F.png");
}

TEST(EmbeddedPicture, IsAJpegInBase64) {
  const auto text = embedded_picture(testing::noise_picture(9, 7, 1));
  EXPECT_TRUE(text.starts_with("data:image/jpeg;base64,/9j/")) << text.substr(0, 40);  // FF D8 FF
  EXPECT_EQ((text.size() - 23) % 4, 0u);
  EXPECT_EQ(text.find('\0'), std::string::npos);
}

TEST(LineChart, PlacesPointsAndLeavesOutWhatIsNoNumber) {
  const auto svg = line_chart({{"a", {{0, 1}, {1, NAN}, {2, 3}}}}, "step");
  EXPECT_NE(svg.find("points=\"64.0,156.0 632.0,12.0 \""), std::string::npos) << svg;
  EXPECT_NE(svg.find("step 0"), std::string::npos);
  EXPECT_EQ(count(svg, "<rect"), 0u);  // one line needs no legend
  EXPECT_EQ(count(line_chart({{"a<", {{0, 1}}}, {"b", {{0, 2}}}}, "x"), "a&lt;"), 1u);
}

TEST(BarChart, StartsAtZeroInBothDirectionsAndMarksTheMean) {
  const auto svg = bar_chart({{"up", 3}, {"down", -1}, {"none", NAN}});
  EXPECT_EQ(count(svg, "<rect"), 2u);
  EXPECT_NE(svg.find("y=\"12.0\" height=\"108.0\""), std::string::npos) << svg;  // 3 of the range of 4 in 144 pixels
  EXPECT_NE(svg.find("y=\"120.0\" height=\"36.0\""), std::string::npos) << svg;
  EXPECT_NE(svg.find("mean: 1<"), std::string::npos);
}

TEST(BarChart, KeepsASingleColumnNarrow) {
  EXPECT_NE(bar_chart({{"one", 1}}).find("width=\"60.0\""), std::string::npos);
}

TEST(BarChart, ShortensNamesBetweenCharacters) {
  std::vector<ChartBar> bars(8, {"葛飾北斎-葛飾北斎-葛飾北斎", 1});
  const auto svg = bar_chart(bars);
  EXPECT_EQ(count(svg, ">葛飾...<"), 8u) << svg;
  EXPECT_EQ(count(svg, "\xef\xbf\xbd"), 0u);
}

TEST(HeadedChart, EscapesItsWords) {
  EXPECT_EQ(headed_chart("a<b", "c & d", "<svg/>"), "<div><h2>a&lt;b <small>(c &amp; d)</small></h2>\n<svg/></div>\n");
}

TEST(Charts, OfNothingSaySo) {
  EXPECT_NE(bar_chart({}).find("nothing was measured"), std::string::npos);
  EXPECT_NE(bar_chart({{"x", NAN}}).find("nothing was measured"), std::string::npos);
  EXPECT_NE(line_chart({}, "x").find("nothing was measured"), std::string::npos);
}

}  // namespace
}  // namespace atelier
