#include "palette/dbscan_points.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "palette/disjoint_sets.h"

namespace atelier {
namespace {

constexpr int kKeyBits = 21;  // of a cell's coordinate along each axis
constexpr std::int64_t kMiddle = std::int64_t{1} << (kKeyBits - 1);

struct Entry {
  std::uint64_t key;
  std::uint32_t point;
};

/// A run of the sorted points, and the box around them.
struct Cell {
  std::uint64_t key;
  std::uint32_t begin, end;
  std::uint32_t weight = 0;
  Point3 low, high;
};

/// The squared distance of `point` from the box of `cell`.
double squared_distance_to_box(const Point3& point, const Cell& cell) {
  double sum = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double outside = std::max({cell.low[axis] - point[axis], point[axis] - cell.high[axis], 0.0});
    sum += outside * outside;
  }
  return sum;
}

/// Runs through the cells in order and shows those within two steps of each along every axis.
class Sweep {
 public:
  explicit Sweep(const std::vector<Cell>& cells) : cells_(cells) {}

  /// Calls visit(index) for the cells around cell `centre`, itself included; centres must come in rising order.
  template <class Visit>
  void around(std::uint32_t centre, Visit visit) {
    std::size_t row = 0;
    for (std::int64_t x = -2; x <= 2; ++x)
      for (std::int64_t y = -2; y <= 2; ++y) {
        auto& cursor = cursors_[row++];
        const auto step = x * (std::int64_t{1} << 2 * kKeyBits) + y * (std::int64_t{1} << kKeyBits) - 2;
        const auto first = cells_[centre].key + static_cast<std::uint64_t>(step);
        while (cursor < cells_.size() && cells_[cursor].key < first) ++cursor;
        for (auto at = cursor; at < cells_.size() && cells_[at].key <= first + 4; ++at) visit(at);
      }
  }

 private:
  const std::vector<Cell>& cells_;
  std::array<std::uint32_t, 25> cursors_{};
};

class Grid {
 public:
  Grid(std::span<const Point3> points, std::span<const std::uint32_t> weights, double eps, std::uint32_t min_points)
      : eps_squared_(eps * eps), min_points_(min_points) {
    sort(points, weights, eps);
    sets_ = DisjointSets(cells_.size());
    find_cores();
    connect();
  }

  PointClusters result() {
    PointClusters found;
    found.labels.assign(points_.size(), -1);
    found.core.assign(points_.size(), false);
    number(found);
    label(found);
    return found;
  }

 private:
  void sort(std::span<const Point3> points, std::span<const std::uint32_t> weights, double eps) {
    // A hair below eps/√3, so that rounding never parts the points of one cell.
    const double side = eps / std::sqrt(3.0) * (1 - 1e-9);
    entries_.resize(points.size());
    for (std::uint32_t i = 0; i < points.size(); ++i) {
      std::uint64_t key = 0;
      for (const double value : points[i])
        key = key << kKeyBits | static_cast<std::uint64_t>(std::llround(std::floor(value / side)) + kMiddle);
      entries_[i] = {key, i};
    }
    std::sort(entries_.begin(), entries_.end(),
              [](const Entry& a, const Entry& b) { return a.key != b.key ? a.key < b.key : a.point < b.point; });
    points_.reserve(points.size());
    weights_.reserve(points.size());
    for (std::uint32_t i = 0; i < entries_.size(); ++i) {
      const auto& point = points_.emplace_back(points[entries_[i].point]);
      weights_.push_back(weights[entries_[i].point]);
      if (cells_.empty() || cells_.back().key != entries_[i].key)
        cells_.push_back({entries_[i].key, i, i, 0, point, point});
      auto& cell = cells_.back();
      cell.end = i + 1;
      cell.weight += weights_[i];
      for (std::size_t axis = 0; axis < 3; ++axis) {
        cell.low[axis] = std::min(cell.low[axis], point[axis]);
        cell.high[axis] = std::max(cell.high[axis], point[axis]);
      }
    }
  }

  void find_cores() {
    core_.assign(points_.size(), false);
    has_core_.assign(cells_.size(), false);
    Sweep sweep(cells_);
    std::vector<std::uint32_t> near;
    for (std::uint32_t i = 0; i < cells_.size(); ++i) {
      const bool dense = cells_[i].weight >= min_points_;
      if (!dense) {
        near.clear();
        sweep.around(i, [&](std::uint32_t other) {
          if (other != i) near.push_back(other);
        });
      }
      for (auto p = cells_[i].begin; p < cells_[i].end; ++p) {
        core_[p] = dense || has_enough_around(p, cells_[i].weight, near);
        if (core_[p]) has_core_[i] = true;
      }
    }
  }

  bool has_enough_around(std::uint32_t point, std::uint32_t sum, const std::vector<std::uint32_t>& cells) const {
    for (const auto other : cells) {
      if (squared_distance_to_box(points_[point], cells_[other]) > eps_squared_) continue;
      for (auto q = cells_[other].begin; q < cells_[other].end && sum < min_points_; ++q)
        if (squared_distance(points_[point], points_[q]) <= eps_squared_) sum += weights_[q];
    }
    return sum >= min_points_;
  }

  void connect() {
    Sweep sweep(cells_);
    for (std::uint32_t i = 0; i < cells_.size(); ++i) {
      if (!has_core_[i]) continue;
      sweep.around(i, [&](std::uint32_t other) {
        if (other < i && has_core_[other] && sets_.find(i) != sets_.find(other) && cores_touch(i, other))
          sets_.unite(i, other);
      });
    }
  }

  bool cores_touch(std::uint32_t a, std::uint32_t b) const {
    for (auto p = cells_[a].begin; p < cells_[a].end; ++p)
      if (core_[p] && reaches_core(points_[p], b)) return true;
    return false;
  }

  bool reaches_core(const Point3& point, std::uint32_t cell) const {
    if (squared_distance_to_box(point, cells_[cell]) > eps_squared_) return false;
    for (auto q = cells_[cell].begin; q < cells_[cell].end; ++q)
      if (core_[q] && squared_distance(point, points_[q]) <= eps_squared_) return true;
    return false;
  }

  /// Clusters count in the order of their first core point as given.
  void number(PointClusters& found) {
    std::vector<std::uint32_t> cell_of(points_.size());
    constexpr auto kNone = std::numeric_limits<std::uint32_t>::max();
    for (std::uint32_t i = 0; i < cells_.size(); ++i)
      for (auto p = cells_[i].begin; p < cells_[i].end; ++p) {
        found.core[entries_[p].point] = core_[p];
        cell_of[entries_[p].point] = core_[p] ? sets_.find(i) : kNone;
      }
    number_.assign(cells_.size(), -1);
    for (std::size_t i = 0; i < cell_of.size(); ++i)
      if (cell_of[i] != kNone && number_[cell_of[i]] < 0)
        number_[cell_of[i]] = static_cast<std::int32_t>(found.count++);
  }

  void label(PointClusters& found) {
    Sweep sweep(cells_);
    std::vector<std::uint32_t> near;
    for (std::uint32_t i = 0; i < cells_.size(); ++i) {
      near.clear();
      sweep.around(i, [&](std::uint32_t other) {
        if (has_core_[other]) near.push_back(other);
      });
      std::sort(near.begin(), near.end(), [this](auto a, auto b) { return number_of(a) < number_of(b); });
      for (auto p = cells_[i].begin; p < cells_[i].end; ++p) {
        auto& label = found.labels[entries_[p].point];
        if (core_[p]) {
          label = number_of(i);
          continue;
        }
        const auto lowest =
            std::find_if(near.begin(), near.end(), [&](auto cell) { return reaches_core(points_[p], cell); });
        if (lowest != near.end()) label = number_of(*lowest);
      }
    }
  }

  std::int32_t number_of(std::uint32_t cell) { return number_[sets_.find(cell)]; }

  const double eps_squared_;
  const std::uint32_t min_points_;
  std::vector<Entry> entries_;  // sorted by cell
  std::vector<Point3> points_;  // in that order, as weights_ and core_
  std::vector<std::uint32_t> weights_;
  std::vector<bool> core_;
  std::vector<Cell> cells_;
  std::vector<bool> has_core_;
  DisjointSets sets_{0};              // of cells
  std::vector<std::int32_t> number_;  // of the cluster, at the cell that stands for it
};

}  // namespace

PointClusters dbscan_points(std::span<const Point3> points, std::span<const std::uint32_t> weights, double eps,
                            std::uint32_t min_points) {
  return Grid(points, weights, eps, min_points).result();
}

}  // namespace atelier
