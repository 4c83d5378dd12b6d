#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "atelier/image.h"

namespace atelier {

/// What a running method says after each step.
struct Progress {
  std::string stage;                                  ///< for instance "scale 362 px"
  int step = 0;                                       ///< steps finished, over all stages
  int steps = 0;                                      ///< steps planned, over all stages
  std::vector<std::pair<std::string, double>> terms;  ///< named loss terms, weighted
  double seconds = 0;                                 ///< since the start
  double seconds_left = -1;                           ///< estimate; negative when not known yet
  std::size_t memory = 0;                             ///< resident bytes of the process
  std::string note;                                   ///< one line worth keeping (a scale reduced, a step halved)
  /// Renders the picture so far; may be empty. Only valid during the call.
  std::function<Image()> preview;
};

/// Receives progress; returns false to stop as soon as possible.
using OnProgress = std::function<bool(const Progress&)>;

}  // namespace atelier
