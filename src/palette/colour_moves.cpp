#include "palette/colour_moves.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "atelier/error.h"

namespace atelier {
namespace {

// In units of eps. A condensed cluster is one colour; its neighbours must end more than eps away from it.
constexpr double kWide = 4, kCoarseCell = 4, kFineCell = 2.5, kReach = 2.75, kMargin = 1.75, kSpacing = 0.75, kStep = 2;
// A little more than min_points, since a cell's own pixels are not all within reach of its mean.
constexpr double kPopulation = 1.2;

ColourPoint point(const Rgb8& rgb) {
  return {static_cast<double>(rgb[0]), static_cast<double>(rgb[1]), static_cast<double>(rgb[2])};
}

double luma(const ColourPoint& colour) { return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]; }

class Mover {
 public:
  Mover(const ColourClusters& found, std::size_t wanted, const DbscanOptions& options)
      : found_(found), wanted_(wanted), eps_(options.eps), min_points_(options.min_points) {}

  ColourMoves run() {
    if (found_.clusters.size() > wanted_) merge();
    if (found_.clusters.size() < wanted_) condense();
    if (found_.clusters.size() < wanted_ && moves_.empty()) spread();
    std::sort(moves_.begin(), moves_.end(), [](const auto& a, const auto& b) { return a.from < b.from; });
    return {found_.clusters.size(), std::move(moves_), std::move(spread_)};
  }

 private:
  void move(const Rgb8& from, ColourPoint to) {
    for (auto& level : to) level = std::clamp(level, 0.0, 255.0);
    moves_.push_back({from, to});
  }

  void merge() {
    const auto stays = largest(wanted_);
    NearestColour cores;
    for (const auto& colour : found_.colours)
      if (colour.core && stays[static_cast<std::size_t>(colour.label)]) cores.add(point(colour.rgb));
    const auto ways = shortest_ways(stays, cores);
    for (const auto& colour : found_.colours) {
      if (colour.label == kNoise || stays[static_cast<std::size_t>(colour.label)]) continue;
      auto to = point(colour.rgb);
      for (std::size_t c = 0; c < 3; ++c) to[c] += ways[static_cast<std::size_t>(colour.label)][c];
      move(colour.rgb, to);
    }
  }

  std::vector<bool> largest(std::size_t count) const {
    std::vector<std::size_t> order(found_.clusters.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return found_.clusters[a].pixels > found_.clusters[b].pixels;
    });
    std::vector<bool> stays(order.size(), false);
    for (std::size_t i = 0; i < count; ++i) stays[order[i]] = true;
    return stays;
  }

  /// Per cluster that does not stay: from its core colour nearest to one that stays, to that one.
  std::vector<ColourPoint> shortest_ways(const std::vector<bool>& stays, const NearestColour& cores) const {
    std::vector<ColourPoint> ways(stays.size());
    std::vector<double> lengths(stays.size(), INFINITY);
    for (const auto& colour : found_.colours) {
      if (!colour.core || stays[static_cast<std::size_t>(colour.label)]) continue;
      const auto label = static_cast<std::size_t>(colour.label);
      const auto from = point(colour.rgb);
      const auto nearest = cores.find(from);
      if (nearest.squared >= lengths[label]) continue;
      lengths[label] = nearest.squared;
      for (std::size_t c = 0; c < 3; ++c) ways[label][c] = cores.places()[nearest.index][c] - from[c];
    }
    return ways;
  }

  void condense() {
    const auto free = free_colours();
    NearestColour places;
    for (const double cell : {kCoarseCell, kFineCell}) choose_places(free, cell * eps_, places);
    std::vector<std::uint64_t> pixels(places.places().size(), 0);
    std::vector<std::pair<const OccupiedColour*, std::size_t>> taken;
    for (const auto* colour : free) {
      const auto nearest = places.find(point(colour->rgb));
      if (nearest.squared > std::pow(kReach * eps_, 2)) continue;
      pixels[nearest.index] += colour->pixels;
      taken.emplace_back(colour, nearest.index);
    }
    for (const auto& [colour, place] : taken)
      if (pixels[place] >= static_cast<std::uint64_t>(min_points_)) move(colour->rgb, places.places()[place]);
  }

  /// Noise and the colours of wide clusters. The others are kept as obstacles.
  std::vector<const OccupiedColour*> free_colours() {
    const auto wide = wide_clusters();
    std::vector<const OccupiedColour*> free;
    for (const auto& colour : found_.colours) {
      if (colour.label == kNoise || wide[static_cast<std::size_t>(colour.label)]) {
        free.push_back(&colour);
      } else {
        obstacles_.add(point(colour.rgb));
      }
    }
    return free;
  }

  std::vector<bool> wide_clusters() const {
    std::vector<Rgb8> low(found_.clusters.size(), Rgb8{255, 255, 255}), high(low.size(), Rgb8{0, 0, 0});
    for (const auto& colour : found_.colours) {
      if (colour.label == kNoise) continue;
      for (std::size_t c = 0; c < 3; ++c) {
        auto& lowest = low[static_cast<std::size_t>(colour.label)][c];
        auto& highest = high[static_cast<std::size_t>(colour.label)][c];
        lowest = std::min(lowest, colour.rgb[c]);
        highest = std::max(highest, colour.rgb[c]);
      }
    }
    std::vector<bool> wide(low.size(), false);
    for (std::size_t k = 0; k < low.size(); ++k)
      for (std::size_t c = 0; c < 3; ++c) wide[k] = wide[k] || high[k][c] - low[k][c] > kWide * eps_;
    return wide;
  }

  struct Cell {
    ColourPoint sum{};
    double pixels = 0;
  };

  static std::vector<Cell> cells_by_population(const std::vector<const OccupiedColour*>& colours, double side) {
    std::map<std::array<int, 3>, Cell> cells;
    for (const auto* colour : colours) {
      std::array<int, 3> key{};
      for (std::size_t c = 0; c < 3; ++c) key[c] = static_cast<int>(colour->rgb[c] / side);
      auto& cell = cells[key];
      cell.pixels += colour->pixels;
      for (std::size_t c = 0; c < 3; ++c) cell.sum[c] += static_cast<double>(colour->pixels) * colour->rgb[c];
    }
    std::vector<Cell> all;
    for (const auto& [key, cell] : cells) all.push_back(cell);
    std::stable_sort(all.begin(), all.end(), [](const Cell& a, const Cell& b) { return a.pixels > b.pixels; });
    return all;
  }

  void choose_places(const std::vector<const OccupiedColour*>& free, double side, NearestColour& places) const {
    const auto missing = wanted_ - found_.clusters.size();
    for (const auto& cell : cells_by_population(free, side)) {
      if (places.places().size() >= missing || cell.pixels < kPopulation * min_points_) return;
      ColourPoint mean{};
      // On the lattice, so that everything that goes there becomes one colour.
      for (std::size_t c = 0; c < 3; ++c) mean[c] = std::round(cell.sum[c] / cell.pixels);
      const bool clear = obstacles_.find(mean).squared >= std::pow(kMargin * eps_, 2) &&
                         places.find(mean).squared >= std::pow(kSpacing * side, 2);
      if (clear) places.add(mean);
    }
  }

  /// Parts the largest cluster into as many as are missing and its pixels suffice for.
  void spread() {
    const auto largest = std::max_element(found_.clusters.begin(), found_.clusters.end(),
                                          [](const auto& a, const auto& b) { return a.pixels < b.pixels; });
    if (largest == found_.clusters.end()) return;
    const auto most = static_cast<std::size_t>(static_cast<double>(largest->pixels) / (kPopulation * min_points_));
    const auto parts = std::min(wanted_ - found_.clusters.size() + 1, most);
    if (parts < 2) return;
    const auto label = static_cast<std::int32_t>(largest - found_.clusters.begin());
    NearestColour others;
    for (const auto& colour : found_.colours) {
      if (colour.label == label) {
        spread_.from.push_back(colour.rgb);
      } else {
        others.add(point(colour.rgb));
      }
    }
    std::sort(spread_.from.begin(), spread_.from.end());
    spread_.to = lattice(largest->mean, parts, others);
  }

  /// The nearest `count` places around `mean` that keep away from `others`, by luma; fewer when there are no more.
  std::vector<ColourPoint> lattice(const ColourPoint& mean, std::size_t count, const NearestColour& others) const {
    const double step = kStep * eps_;
    // Twice as wide as a full cube of them, for places that are taken or lie outside.
    const int reach = static_cast<int>(std::ceil(std::cbrt(static_cast<double>(count))));
    std::vector<ColourPoint> places;
    for (int r = -reach; r <= reach; ++r)
      for (int g = -reach; g <= reach; ++g)
        for (int b = -reach; b <= reach; ++b) {
          const ColourPoint place = {std::round(mean[0]) + r * step, std::round(mean[1]) + g * step,
                                     std::round(mean[2]) + b * step};
          const bool inside = std::all_of(place.begin(), place.end(), [](double v) { return v >= 0 && v <= 255; });
          if (inside && others.find(place).squared >= std::pow(kMargin * eps_, 2)) places.push_back(place);
        }
    std::stable_sort(places.begin(), places.end(), [&](const auto& a, const auto& b) {
      return squared_distance(a, mean) < squared_distance(b, mean);
    });
    places.resize(std::min(places.size(), count));
    std::stable_sort(places.begin(), places.end(), [](const auto& a, const auto& b) { return luma(a) < luma(b); });
    return places;
  }

  const ColourClusters& found_;
  std::size_t wanted_;
  double eps_;
  int min_points_;
  NearestColour obstacles_;
  std::vector<ColourMove> moves_;
  ColourSpread spread_;
};

}  // namespace

ColourMoves colour_moves(std::span<const std::uint8_t> rgb, std::size_t wanted, const DbscanOptions& options) {
  require(options.space == ColourSpace::kRgb,
          "colours can be moved towards a number of clusters in RGB only; choose that colour space");
  const auto found = cluster_colours(rgb, options);
  return Mover(found, std::max<std::size_t>(wanted, 1), options).run();
}

}  // namespace atelier
