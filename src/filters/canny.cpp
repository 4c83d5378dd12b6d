#include "filters/canny.h"

#include <algorithm>
#include <cmath>

namespace atelier {
namespace {

struct Gradient {
  Plane across, down, size;
};

Gradient sobel(const Plane& grey) {
  Gradient g{{grey.width, grey.height}, {grey.width, grey.height}, {grey.width, grey.height}};
  for (int y = 0; y < grey.height; ++y)
    for (int x = 0; x < grey.width; ++x) {
      const auto at = [&](int dx, int dy) {  // edge pixels are repeated
        return grey.at(std::clamp(x + dx, 0, grey.width - 1), std::clamp(y + dy, 0, grey.height - 1));
      };
      const double right = at(1, -1) + 2 * at(1, 0) + at(1, 1), left = at(-1, -1) + 2 * at(-1, 0) + at(-1, 1);
      const double below = at(-1, 1) + 2 * at(0, 1) + at(1, 1), above = at(-1, -1) + 2 * at(0, -1) + at(1, -1);
      g.across.at(x, y) = right - left;
      g.down.at(x, y) = below - above;
      g.size.at(x, y) = std::abs(right - left) + std::abs(below - above);
    }
  return g;
}

/// Whether the gradient at (x, y) is no smaller than its two neighbours along its own direction.
bool is_ridge(const Gradient& g, int x, int y) {
  constexpr double kTan22 = 0.41421356237309503;  // the four sectors meet at 22.5° and 67.5°
  const double across = std::abs(g.across.at(x, y)), down = std::abs(g.down.at(x, y));
  int dx = 1, dy = 0;
  if (across < kTan22 * down)
    dx = 0, dy = 1;
  else if (down >= kTan22 * across)
    dy = g.across.at(x, y) * g.down.at(x, y) < 0 ? -1 : 1;
  const auto size = [&](int u, int v) {
    return u < 0 || v < 0 || u >= g.size.width || v >= g.size.height ? 0.0 : g.size.at(u, v);
  };
  return g.size.at(x, y) > size(x - dx, y - dy) && g.size.at(x, y) >= size(x + dx, y + dy);
}

}  // namespace

std::vector<std::uint8_t> canny_edges(const Plane& grey, double low, double high) {
  enum : std::uint8_t { kNone, kEdge, kPerhaps };
  const auto g = sobel(grey);
  std::vector<std::uint8_t> found(grey.values.size(), kNone);
  std::vector<int> open;
  for (int y = 0; y < grey.height; ++y)
    for (int x = 0; x < grey.width; ++x) {
      if (g.size.at(x, y) <= low || !is_ridge(g, x, y)) continue;
      const int i = y * grey.width + x;
      found[static_cast<std::size_t>(i)] = g.size.at(x, y) > high ? kEdge : kPerhaps;
      if (g.size.at(x, y) > high) open.push_back(i);
    }
  while (!open.empty()) {
    const int x = open.back() % grey.width, y = open.back() / grey.width;
    open.pop_back();
    for (int v = std::max(y - 1, 0); v <= std::min(y + 1, grey.height - 1); ++v)
      for (int u = std::max(x - 1, 0); u <= std::min(x + 1, grey.width - 1); ++u) {
        auto& state = found[static_cast<std::size_t>(v * grey.width + u)];
        if (state != kPerhaps) continue;
        state = kEdge;
        open.push_back(v * grey.width + u);
      }
  }
  std::replace(found.begin(), found.end(), std::uint8_t{kPerhaps}, std::uint8_t{kNone});
  return found;
}

std::vector<std::uint8_t> dilated(const std::vector<std::uint8_t>& mask, int width, int height, int side) {
  std::vector<std::uint8_t> result(mask.size(), 0);
  const int reach = side / 2;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      if (mask[static_cast<std::size_t>(y * width + x)] == 0) continue;
      const int left = std::max(x - reach, 0), right = std::min(x + reach, width - 1);
      for (int v = std::max(y - reach, 0); v <= std::min(y + reach, height - 1); ++v)
        std::fill_n(result.begin() + v * width + left, right - left + 1, std::uint8_t{1});
    }
  return result;
}

}  // namespace atelier
