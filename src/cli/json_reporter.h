#pragma once
#include <memory>

#include "cli/reporter.h"

namespace atelier::cli {

/// Events for programs: one JSON object per line on standard output, each with "event":
/// start, progress, note, done, error or summary.
std::unique_ptr<Reporter> make_json_reporter();

}  // namespace atelier::cli
