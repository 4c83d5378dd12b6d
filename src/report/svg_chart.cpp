#include "report/svg_chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

#include "core/markup.h"
#include "core/printable.h"

namespace atelier {
namespace {

constexpr double kWidth = 640, kHeight = 180, kLeft = 64, kRight = 8, kTop = 12, kBottom = 24;
constexpr std::array kColours = {"#1f4e79", "#b5541c", "#3c7a3f", "#7a3c78", "#777777"};
constexpr double kRoomForName = 60;  // pixels that a column needs for its name below
constexpr double kWidestColumn = 60;

std::string text(const char* format, double a, double b = 0) {
  char buffer[96];
  std::snprintf(buffer, sizeof buffer, format, a, b);
  return buffer;
}

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -low;

  void take(double value) { low = std::min(low, value), high = std::max(high, value); }
  double place(double value) const { return high > low ? (value - low) / (high - low) : 0.5; }
};

double height_of(const Range& range, double value) {
  return kTop + (1 - range.place(value)) * (kHeight - kTop - kBottom);
}

std::string label(double x, double y, const char* anchor, const std::string& what) {
  return text("<text x=\"%.0f\" y=\"%.0f\" ", x, y) + "text-anchor=\"" + anchor + "\">" + markup_escaped(what) +
         "</text>";
}

std::string opening(const Range& values) {
  std::string svg = text("<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\">", kWidth, kHeight);
  if (values.high < values.low) return svg + label(kLeft, kTop + 10, "start", "nothing was measured");
  return svg + label(kLeft - 6, kTop + 10, "end", text("%.4g", values.high)) +
         label(kLeft - 6, kHeight - kBottom, "end", text("%.4g", values.low));
}

bool finite(const std::pair<double, double>& point) {
  return std::isfinite(point.first) && std::isfinite(point.second);
}

std::string polyline(const ChartLine& line, const Range& xs, const Range& ys, const char* colour) {
  std::string points;
  for (const auto& point : line.points) {
    if (!finite(point)) continue;
    const double x = kLeft + xs.place(point.first) * (kWidth - kLeft - kRight);
    points += text("%.1f,%.1f ", x, height_of(ys, point.second));
  }
  return "<polyline stroke=\"" + std::string(colour) + "\" points=\"" + points + "\"/>";
}

std::string legend(const std::vector<ChartLine>& lines) {
  std::string svg;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const double y = kTop + 10 + 14 * static_cast<double>(i);
    svg += text("<rect x=\"%.0f\" y=\"%.0f\" width=\"10\" height=\"3\" ", kWidth - 150, y - 5) + "fill=\"" +
           kColours[i % kColours.size()] + "\"/>" + label(kWidth - 134, y, "start", lines[i].name);
  }
  return svg;
}

std::string column(const ChartBar& bar, const Range& values, double left, double width) {
  const double end = height_of(values, bar.value), zero = height_of(values, 0);
  const double drawn = std::clamp(width - 2, 1.0, kWidestColumn);
  return text("<rect x=\"%.1f\" width=\"%.1f\" ", left + (width - drawn) / 2, drawn) +
         text("y=\"%.1f\" height=\"%.1f\" ", std::min(end, zero), std::abs(end - zero)) + "fill=\"" + kColours[0] +
         "\"><title>" + markup_escaped(bar.name) + text(": %.4g", bar.value) + "</title></rect>";
}

std::string mean_line(const Range& values, double mean) {
  const double y = height_of(values, mean);
  return text("<line x1=\"%.0f\" x2=\"%.0f\" ", kLeft, kWidth - kRight) + text("y1=\"%.1f\" y2=\"%.1f\" ", y, y) +
         "stroke=\"" + kColours[1] + "\" stroke-dasharray=\"4 3\"><title>" + text("mean: %.4g", mean) +
         "</title></line>";
}

/// What fits into `width` pixels at about 6 a letter.
std::string shortened(const std::string& name, double width) {
  const auto most = static_cast<std::size_t>(width / 6);
  return name.size() <= most ? name : one_line_utf8(name, most - 3);
}

}  // namespace

std::string line_chart(const std::vector<ChartLine>& lines, const std::string& x_name) {
  Range xs, ys;
  for (const auto& line : lines)
    for (const auto& point : line.points)
      if (finite(point)) xs.take(point.first), ys.take(point.second);
  std::string svg = opening(ys);
  if (xs.low <= xs.high)
    svg += label(kLeft, kHeight - 6, "start", x_name + " " + text("%.4g", xs.low)) +
           label(kWidth - kRight, kHeight - 6, "end", text("%.4g", xs.high));
  for (std::size_t i = 0; i < lines.size(); ++i) svg += polyline(lines[i], xs, ys, kColours[i % kColours.size()]);
  return svg + (lines.size() > 1 ? legend(lines) : "") + "</svg>\n";
}

std::string bar_chart(const std::vector<ChartBar>& bars) {
  Range values;
  double sum = 0;
  std::size_t counted = 0;
  for (const auto& bar : bars) {
    if (!std::isfinite(bar.value)) continue;
    values.take(bar.value), values.take(0);
    sum += bar.value, ++counted;
  }
  std::string svg = opening(values);
  if (counted == 0) return svg + "</svg>\n";
  const double width = (kWidth - kLeft - kRight) / static_cast<double>(bars.size());
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double left = kLeft + width * static_cast<double>(i);
    if (std::isfinite(bars[i].value)) svg += column(bars[i], values, left, width);
    if (width >= kRoomForName) svg += label(left + width / 2, kHeight - 6, "middle", shortened(bars[i].name, width));
  }
  return svg + mean_line(values, sum / static_cast<double>(counted)) + "</svg>\n";
}

std::string headed_chart(const std::string& name, const std::string& summary, const std::string& svg) {
  return "<div><h2>" + markup_escaped(name) + " <small>(" + markup_escaped(summary) + ")</small></h2>\n" + svg +
         "</div>\n";
}

}  // namespace atelier
