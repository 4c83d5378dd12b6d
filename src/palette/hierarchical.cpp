#include "palette/hierarchical.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "atelier/error.h"
#include "palette/disjoint_sets.h"

namespace atelier {
namespace {

constexpr std::size_t kMostPoints = 1024;

struct Join {
  double distance;
  std::uint32_t a, b;
};

class Tree {
 public:
  Tree(std::span<const Point3> points, std::span<const double> weights, Linkage linkage)
      : count_(points.size()),
        linkage_(linkage),
        weights_(weights.begin(), weights.end()),
        distances_(count_ * count_) {
    for (std::size_t i = 0; i < count_; ++i)
      for (std::size_t j = 0; j < count_; ++j) {
        const double squared = squared_distance(points[i], points[j]), share = weights[i] + weights[j];
        at(i, j) = linkage == Linkage::kWard ? weights[i] * weights[j] / share * squared : std::sqrt(squared);
      }
  }

  /// All joins, nearest first.
  std::vector<Join> joins() {
    std::vector<Join> joins;
    std::vector<std::uint32_t> chain;
    std::vector<bool> gone(count_, false);
    while (joins.size() + 1 < count_) {
      if (chain.empty())
        chain.push_back(static_cast<std::uint32_t>(std::find(gone.begin(), gone.end(), false) - gone.begin()));
      const auto last = chain.back();
      const auto next = nearest(last, chain.size() > 1 ? chain[chain.size() - 2] : last, gone);
      if (chain.size() < 2 || next != chain[chain.size() - 2]) {
        chain.push_back(next);
        continue;
      }
      chain.resize(chain.size() - 2);
      joins.push_back({at(last, next), last, next});
      join(last, next, gone);
    }
    std::stable_sort(joins.begin(), joins.end(), [](const Join& a, const Join& b) { return a.distance < b.distance; });
    return joins;
  }

 private:
  double& at(std::size_t i, std::size_t j) { return distances_[i * count_ + j]; }

  /// The nearest group to `from`; among equals `favourite`, without which chains could turn in circles.
  std::uint32_t nearest(std::uint32_t from, std::uint32_t favourite, const std::vector<bool>& gone) {
    double least = favourite == from ? std::numeric_limits<double>::infinity() : at(from, favourite);
    auto best = favourite;
    for (std::uint32_t i = 0; i < count_; ++i)
      if (!gone[i] && i != from && at(from, i) < least) least = at(from, i), best = i;
    return best;
  }

  /// `a` takes `b` in: the formulas of Lance and Williams (1967).
  void join(std::size_t a, std::size_t b, std::vector<bool>& gone) {
    gone[b] = true;
    const double wa = weights_[a], wb = weights_[b], between = at(a, b);
    for (std::size_t k = 0; k < count_; ++k) {
      if (gone[k] || k == a) continue;
      const double wk = weights_[k];
      const double joined = linkage_ == Linkage::kWard
                                ? ((wa + wk) * at(a, k) + (wb + wk) * at(b, k) - wk * between) / (wa + wb + wk)
                                : (wa * at(a, k) + wb * at(b, k)) / (wa + wb);
      at(a, k) = at(k, a) = joined;
    }
    weights_[a] += wb;
  }

  const std::size_t count_;
  const Linkage linkage_;
  std::vector<double> weights_;
  std::vector<double> distances_;
};

}  // namespace

std::vector<std::uint32_t> join_points(std::span<const Point3> points, std::span<const double> weights,
                                       std::size_t clusters, Linkage linkage) {
  DisjointSets sets(points.size());
  auto left = points.size();
  for (const auto& join : Tree(points, weights, linkage).joins()) {
    if (left <= clusters) break;
    sets.unite(join.a, join.b);
    --left;
  }
  constexpr auto kUnset = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> number(points.size(), kUnset), groups(points.size());
  std::uint32_t next = 0;
  for (std::uint32_t i = 0; i < points.size(); ++i) {
    auto& group = number[sets.find(i)];
    if (group == kUnset) group = next++;
    groups[i] = group;
  }
  return groups;
}

ColourClusters hierarchical_colours(std::span<const std::uint8_t> rgb, const HierarchicalOptions& options) {
  require(options.clusters >= 1 && options.clusters <= 256, "the number of clusters is out of range; give 1 to 256");
  ColourClusters result;
  result.colours = count_colours(rgb);
  const auto coarse = coarse_colours(result.colours, options.space, kMostPoints);
  const auto groups =
      join_points(coarse.points, coarse.weights, static_cast<std::size_t>(options.clusters), options.linkage);
  for (std::size_t i = 0; i < result.colours.size(); ++i)
    result.colours[i].label = static_cast<std::int32_t>(groups[coarse.of_colours[i]]);
  sum_up(result, *std::max_element(groups.begin(), groups.end()) + 1);
  sort_by_share(result);
  return result;
}

}  // namespace atelier
