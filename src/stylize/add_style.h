#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "atelier/progress.h"
#include "weights/style_store.h"

namespace atelier {

/// Seconds below which nothing is learnt that is worth keeping.
constexpr double kLeastTimeBudget = 1;

/// A painting that shall become a style of the user's own.
struct NewStyle {
  std::string painting;             ///< picture file
  StyleCard card;                   ///< name, and what the user tells of the painting
  std::string method = "auto";      ///< that learns it; auto: the first of the catalogue that can
  std::vector<std::string> photos;  ///< folders or packs to practise on; empty: what the method brings along
  bool thorough = false;            ///< take longer for a better style
  /// Seconds of learning at most, at least kLeastTimeBudget; none: no limit.
  std::optional<double> time_budget = {};
  int size = 512;       ///< longer side of the painting, in pixels: the size of its strokes
  std::string preview;  ///< file rewritten with the work so far; empty: none
  std::string precision = "auto";
  std::uint64_t seed = 0;
  int threads = 0;  ///< 0: all cores
};

/// Learns the painting and keeps it in the user's folder, with a thumbnail; everything is checked beforehand.
/// @throws Error, also when the method cannot learn; an earlier style of that name is then intact.
StyleCard add_style(const NewStyle& style, const OnProgress& on_progress = {});

}  // namespace atelier
