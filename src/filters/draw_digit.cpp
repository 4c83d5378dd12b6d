#include "filters/draw_digit.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "atelier/error.h"
#include "core/random.h"

namespace atelier {
namespace {

struct Spot {
  double x, y;
};
using Stroke = std::vector<Spot>;  // a smooth curve through its spots; x to the right, y down, 0 … 1
using Glyph = std::vector<Stroke>;

/// The ways to write a digit.
const std::vector<Glyph>& glyphs(int digit) {
  static const std::array<std::vector<Glyph>, 10> kGlyphs{{
      {{{{.5, .06}, {.25, .2}, {.17, .5}, {.25, .8}, {.5, .94}, {.75, .8}, {.83, .5}, {.75, .2}, {.5, .06}}}},
      {{{{.53, .06}, {.5, .5}, {.48, .94}}}, {{{.32, .28}, {.46, .18}, {.55, .06}}, {{.55, .06}, {.52, .94}}}},
      {{{{.2, .28}, {.34, .1}, {.58, .07}, {.76, .25}, {.66, .5}, {.42, .73}, {.18, .92}},
        {{.18, .92}, {.5, .89}, {.82, .92}}}},
      {{{{.22, .17}, {.45, .06}, {.7, .15}, {.71, .33}, {.43, .47}},
        {{.43, .47}, {.73, .54}, {.8, .75}, {.55, .94}, {.2, .84}}}},
      {{{{.3, .1}, {.24, .34}, {.18, .56}}, {{.18, .56}, {.84, .55}}, {{.66, .08}, {.62, .94}}},
       {{{.64, .06}, {.4, .34}, {.16, .64}}, {{.16, .64}, {.86, .63}}, {{.64, .06}, {.63, .94}}}},
      {{{{.76, .09}, {.3, .1}},
        {{.3, .1}, {.25, .45}},
        {{.25, .45}, {.5, .37}, {.75, .47}, {.78, .72}, {.55, .93}, {.2, .85}}}},
      {{{{.68, .08}, {.42, .22}, {.23, .52}, {.23, .79}, {.46, .94}, {.72, .84}, {.74, .63}, {.52, .52}, {.27, .64}}}},
      {{{{.18, .11}, {.5, .1}, {.82, .09}}, {{.82, .09}, {.57, .46}, {.42, .94}}},
       {{{.18, .11}, {.5, .1}, {.82, .09}}, {{.82, .09}, {.57, .46}, {.42, .94}}, {{.34, .52}, {.72, .49}}}},
      {{{{.72, .2},
         {.5, .06},
         {.27, .21},
         {.4, .42},
         {.66, .58},
         {.76, .78},
         {.5, .94},
         {.25, .79},
         {.35, .58},
         {.63, .41},
         {.74, .27},
         {.69, .14}}}},
      {{{{.74, .3}, {.6, .09}, {.36, .1}, {.22, .3}, {.36, .5}, {.6, .47}, {.74, .3}},
        {{.74, .3}, {.72, .62}, {.6, .94}}}},
  }};
  return kGlyphs[static_cast<std::size_t>(digit)];
}

/// A hand's habits; numbers that are the same with every standard library.
class Hand {
 public:
  explicit Hand(std::uint64_t seed) : random_(seed) {
    for (auto& wave : waves_) wave = {uniform(-0.035, 0.035), uniform(0.3, 1.1), uniform(-0.6, 0.6), uniform(0, 6.28)};
    turn_ = uniform(-0.18, 0.18), slant_ = uniform(-0.12, 0.38);
    wide_ = uniform(13, 20), high_ = uniform(18, 21.5);
    right_ = uniform(-1.2, 1.2), down_ = uniform(-1.2, 1.2);
    pen_ = uniform(0.75, 1.5);
  }

  std::size_t choice(std::size_t count) { return static_cast<std::size_t>(random_() % count); }
  double pen() const { return pen_; }

  /// A spot of a glyph in pixels.
  Spot placed(Spot spot) const {
    const double x = spot.x + bend(waves_[0], spot) - 0.5, y = spot.y + bend(waves_[1], spot) - 0.5;
    const double u = wide_ * x - slant_ * high_ * y, v = high_ * y, middle = 0.5 * kDigitSide;
    return {middle + right_ + u * std::cos(turn_) - v * std::sin(turn_),
            middle + down_ + u * std::sin(turn_) + v * std::cos(turn_)};
  }

 private:
  struct Wave {
    double height, across, along, phase;
  };

  static double bend(const Wave& wave, Spot spot) {
    return wave.height * std::sin(6.28 * (wave.across * spot.y + wave.along * spot.x) + wave.phase);
  }
  double uniform(double low, double high) { return low + (high - low) * atelier::uniform(random_); }

  Random random_;
  std::array<Wave, 2> waves_{};
  double turn_, slant_, wide_, high_, right_, down_, pen_;
};

/// A point of the curve of Catmull and Rom through a stroke; `t` from 0 at the first spot to 1 at the last.
Spot along(const Stroke& stroke, double t) {
  const auto last = static_cast<std::ptrdiff_t>(stroke.size()) - 1;
  const double place = t * static_cast<double>(last);
  const auto piece = std::min(static_cast<std::ptrdiff_t>(place), last - 1);
  const double f = place - static_cast<double>(piece);
  const auto spot = [&](std::ptrdiff_t i) {
    return stroke[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(i, 0, last))];
  };
  const auto mixed = [f](double a, double b, double c, double d) {
    return b + 0.5 * f * (c - a + f * (2 * a - 5 * b + 4 * c - d + f * (3 * (b - c) + d - a)));
  };
  const Spot a = spot(piece - 1), b = spot(piece), c = spot(piece + 1), d = spot(piece + 2);
  return {mixed(a.x, b.x, c.x, d.x), mixed(a.y, b.y, c.y, d.y)};
}

/// Of the middle of each pixel from the nearest ink.
using Distances = std::array<double, kDigitSide * kDigitSide>;

double distance_to_piece(Spot p, Spot a, Spot b) {
  const double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
  const double t = length > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0.0, 1.0) : 0;
  return std::hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

/// Looks only where a pen could reach.
void take_distances(Distances& distances, Spot a, Spot b) {
  constexpr double kReach = 3;
  const auto from = [](double p, double q) { return std::max(0, static_cast<int>(std::min(p, q) - kReach)); };
  const auto to = [](double p, double q) {
    return std::min(kDigitSide, static_cast<int>(std::max(p, q) + kReach) + 1);
  };
  for (int y = from(a.y, b.y); y < to(a.y, b.y); ++y)
    for (int x = from(a.x, b.x); x < to(a.x, b.x); ++x) {
      auto& nearest = distances[static_cast<std::size_t>(y * kDigitSide + x)];
      nearest = std::min(nearest, distance_to_piece({x + 0.5, y + 0.5}, a, b));
    }
}

}  // namespace

std::array<std::uint8_t, kDigitSide * kDigitSide> draw_digit(int digit, std::uint64_t seed) {
  require(digit >= 0 && digit <= 9, "there is no such digit; give 0 to 9");
  Hand hand(seed);
  const auto& ways = glyphs(digit);
  Distances distances;
  distances.fill(kDigitSide);
  for (const auto& stroke : ways[hand.choice(ways.size())]) {
    const int pieces = 8 * (static_cast<int>(stroke.size()) - 1);
    for (int piece = 0; piece < pieces; ++piece) {
      const Spot a = hand.placed(along(stroke, static_cast<double>(piece) / pieces));
      const Spot b = hand.placed(along(stroke, static_cast<double>(piece + 1) / pieces));
      take_distances(distances, a, b);
    }
  }
  std::array<std::uint8_t, kDigitSide * kDigitSide> pixels{};
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<std::uint8_t>(std::lround(255 * std::clamp(hand.pen() + 0.5 - distances[i], 0.0, 1.0)));
  return pixels;
}

}  // namespace atelier
