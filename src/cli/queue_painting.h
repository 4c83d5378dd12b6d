#pragma once
#include <CLI/App.hpp>
#include <string>

#include "cli/painting.h"

namespace atelier::cli {

/// --queue and --lease of commands that paint.
struct QueueFlags {
  std::string url;  ///< empty: paint here
  double lease = 20;
  void add_to(CLI::App& app);

  /// Has the workers of the queue paint.
  /// @throws Error when `url` is none, Redis cannot be reached, or `common` holds what does not travel.
  Painter painter(const Request& common) const;
};

}  // namespace atelier::cli
