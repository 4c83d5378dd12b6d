#pragma once
#include <string>
#include <utility>
#include <vector>

namespace atelier {

/// A line of a chart: points (x, y) in the order in which they are joined. Those that are not finite are left out.
struct ChartLine {
  std::string name;  ///< shown when the chart has several lines
  std::vector<std::pair<double, double>> points;
};

/// An SVG of 640 × 180 with one line or several, whose colours repeat after five, and the ranges of both axes.
/// @param x_name  put before the first x, for instance "step".
std::string line_chart(const std::vector<ChartLine>& lines, const std::string& x_name);

/// One column of a bar chart.
struct ChartBar {
  std::string name;  ///< shown below when there is room, and when pointed at
  double value = 0;  ///< no bar when it is not finite
};

/// An SVG of 640 × 180 with a column for each bar from zero up or down, and a dashed line at their mean.
std::string bar_chart(const std::vector<ChartBar>& bars);

/// A chart under its name and what it shows, for a page's `<div class="charts">`, which sets them side by side.
std::string headed_chart(const std::string& name, const std::string& summary, const std::string& svg);

}  // namespace atelier
