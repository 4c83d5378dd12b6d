#pragma once
#include <CLI/App.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "atelier/stylize.h"
#include "cli/plan.h"
#include "cli/reporter.h"

namespace atelier::cli {

/// --quiet and --json, shared by the commands that paint.
struct DetailFlags {
  bool quiet = false;
  bool json = false;
  void add_to(CLI::App& app);
  Detail detail() const { return json ? Detail::kJson : quiet ? Detail::kQuiet : Detail::kNormal; }
};

/// Makes one picture: stylize(), or what stands in for it. Called from several threads at once.
using Painter = std::function<void(const Request&, const OnProgress&)>;

/// Paints one picture, reporting as it goes; a Ctrl-C ends it within a step.
/// @param painter  empty: stylize().
/// @return exit status: 0, or 130 when stopped with the best so far written.
/// @throws Error as atelier::stylize() does.
int paint(const Request& request, Reporter& reporter, const Painter& painter = {});

/// How several pictures are painted.
struct Batch {
  bool skip_existing = false;  ///< pass over what is there when its turn comes
  int at_once = 1;             ///< each gets its share of the threads; their steps are then not told
  Painter painter = {};        ///< that paints elsewhere; empty: here
};

/// Paints one after the other, or some at once; a failed one is reported and the rest goes on.
/// @return exit status: 0 when all were written, 1 otherwise.
/// @throws Error (kStopped) after Ctrl-C.
int paint_all(const Plan& plan, const Batch& batch, Reporter& reporter);

}  // namespace atelier::cli
