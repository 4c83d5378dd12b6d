#include "report/curve_picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace atelier {
namespace {

constexpr int kWidth = 640, kHeight = 180, kMargin = 8;
constexpr std::array kPaper = {0.965F, 0.965F, 0.957F}, kInk = {0.12F, 0.31F, 0.47F};
constexpr double kHalfThickness = 0.8;

using Point = std::pair<double, double>;

/// The finite points, in pixels.
std::vector<Point> placed(const ChartLine& line) {
  std::vector<Point> points;
  for (const auto& [x, y] : line.points)
    if (std::isfinite(x) && std::isfinite(y)) points.emplace_back(x, y);
  const auto place = [&](double Point::*axis, double from, double to) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const auto& point : points) low = std::min(low, point.*axis), high = std::max(high, point.*axis);
    for (auto& point : points)
      point.*axis = from + (to - from) * (high > low ? (point.*axis - low) / (high - low) : 0.5);
  };
  place(&Point::first, kMargin, kWidth - kMargin);
  place(&Point::second, kHeight - kMargin, kMargin);
  return points;
}

double distance(const Point& a, const Point& b, double x, double y) {
  const double along_x = b.first - a.first, along_y = b.second - a.second;
  const double length = along_x * along_x + along_y * along_y;
  const double share =
      length > 0 ? std::clamp(((x - a.first) * along_x + (y - a.second) * along_y) / length, 0.0, 1.0) : 0;
  return std::hypot(x - a.first - share * along_x, y - a.second - share * along_y);
}

/// Raises `ink`, one value per pixel, where the segment passes.
void draw(const Point& a, const Point& b, std::vector<float>& ink) {
  const int left = static_cast<int>(std::min(a.first, b.first)) - 2,
            right = static_cast<int>(std::max(a.first, b.first)) + 3;
  const int top = static_cast<int>(std::min(a.second, b.second)) - 2;
  const int bottom = static_cast<int>(std::max(a.second, b.second)) + 3;
  for (int y = std::max(top, 0); y < std::min(bottom, kHeight); ++y)
    for (int x = std::max(left, 0); x < std::min(right, kWidth); ++x) {
      const double cover = std::clamp(kHalfThickness + 0.5 - distance(a, b, x + 0.5, y + 0.5), 0.0, 1.0);
      auto& pixel = ink[static_cast<std::size_t>(y * kWidth + x)];
      pixel = std::max(pixel, static_cast<float>(cover));
    }
}

}  // namespace

Image curve_picture(const ChartLine& line) {
  const auto points = placed(line);
  std::vector<float> ink(static_cast<std::size_t>(kWidth) * kHeight);
  for (std::size_t i = 0; i < points.size(); ++i) draw(points[i == 0 ? 0 : i - 1], points[i], ink);
  Image picture;
  picture.width = kWidth;
  picture.height = kHeight;
  for (const float share : ink)
    for (std::size_t c = 0; c < 3; ++c) picture.rgb.push_back(kPaper[c] + share * (kInk[c] - kPaper[c]));
  return picture;
}

}  // namespace atelier
