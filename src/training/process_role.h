#pragma once
#include <functional>
#include <string>

namespace atelier {

/// Which of the processes that train one model together this is. By itself: one process alone.
struct ProcessRole {
  int rank = 0;           ///< from 0; rank 0 alone writes files
  int processes = 1;      ///< that train together
  std::string meeting;    ///< where they find each other: HOST:PORT of rank 0, or, on one machine, a path that is free
  double patience = 600;  ///< seconds that others are waited for, at the start and in every step
  /// Asked every second or more often while others are waited for at the start; false gives up. Empty: they are waited
  /// for.
  std::function<bool()> keep_waiting = {};
};

/// @throws Error when the role makes no sense, or needs other processes and this build's LibTorch cannot connect them.
void check_role(const ProcessRole& role);

}  // namespace atelier
