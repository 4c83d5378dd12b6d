#pragma once
#include <CLI/App.hpp>
#include <chrono>
#include <string>

namespace atelier::cli {

/// --queue, the Redis that the commands of a studio on several machines share.
CLI::Option* add_queue(CLI::App& app, std::string& url, const std::string& help);

/// --lease, in seconds, which must be the same for all of them.
CLI::Option* add_lease(CLI::App& app, double& seconds);

inline std::chrono::milliseconds lease_of(double seconds) {
  return std::chrono::milliseconds(static_cast<long>(1000 * seconds));
}

}  // namespace atelier::cli
