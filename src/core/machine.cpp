#include "core/machine.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <utility>

namespace atelier {
namespace {

/// The text after "KEY :" on the first such line; empty when there is none.
std::string field(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(':');
    if (line.compare(0, key.size(), key) != 0 || colon == std::string::npos) continue;
    const auto value = line.find_first_not_of(" \t", colon + 1);
    return value == std::string::npos ? "" : line.substr(value);
  }
  return "";
}

/// The number at the start of a one-value file; nothing for "max", or when the file is missing.
std::optional<double> number_in(const std::string& path) {
  std::ifstream file(path);
  double value = 0;
  if (file >> value) return value;
  return std::nullopt;
}

std::uint64_t meminfo_bytes(const std::string& key) {
  std::istringstream text(field("/proc/meminfo", key));
  std::uint64_t kibibytes = 0;
  text >> kibibytes;
  return kibibytes * 1024;
}

/// A container's CPU quota in cores (control groups version 2, then 1); infinite when there is none.
double cpu_quota() {
  constexpr double kNone = std::numeric_limits<double>::infinity();
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  double quota = 0, period = 0;
  if (file >> quota >> period && period > 0) return quota / period;
  const auto old_quota = number_in("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  const auto old_period = number_in("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  return old_quota && old_period && *old_quota > 0 && *old_period > 0 ? *old_quota / *old_period : kNone;
}

/// Limit and use of the container's memory, in bytes; nothing without a limit.
std::optional<std::pair<double, double>> memory_limit() {
  constexpr std::array<std::pair<const char*, const char*>, 2> kFiles = {{
      {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"},
      {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"},
  }};
  for (const auto& [limit_file, use_file] : kFiles) {
    const auto limit = number_in(limit_file);
    const auto use = number_in(use_file);
    if (limit && use) return std::pair(*limit, *use);
  }
  return std::nullopt;
}

}  // namespace

std::string cpu_name() {
  const auto name = field("/proc/cpuinfo", "model name");
  return name.empty() ? "unknown" : name;
}

std::vector<std::string> instruction_sets() {
  constexpr std::array<std::pair<const char*, const char*>, 6> kNames = {{
      {"avx2", "AVX2"},
      {"avx512f", "AVX-512"},
      {"avx512_vnni", "AVX-512 VNNI"},
      {"avx512_bf16", "AVX-512 BF16"},
      {"amx_bf16", "AMX BF16"},
      {"amx_int8", "AMX INT8"},
  }};
  const auto flags = " " + field("/proc/cpuinfo", "flags") + " ";
  std::vector<std::string> found;
  for (const auto& [flag, name] : kNames)
    if (flags.find(" " + std::string(flag) + " ") != std::string::npos) found.emplace_back(name);
  return found;
}

bool has_instruction_set(const std::vector<std::string>& sets, const std::string& name) {
  return std::find(sets.begin(), sets.end(), name) != sets.end();
}

int usable_cores() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  const bool known = sched_getaffinity(0, sizeof mask, &mask) == 0;
  const double cores = known ? CPU_COUNT(&mask) : static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN));
  return std::max(1, static_cast<int>(std::ceil(std::min(cores, cpu_quota()))));
}

std::uint64_t total_memory() {
  const auto total = meminfo_bytes("MemTotal");
  const auto limit = memory_limit();
  return limit && limit->first < static_cast<double>(total) ? static_cast<std::uint64_t>(limit->first) : total;
}

std::uint64_t available_memory() {
  const auto available = meminfo_bytes("MemAvailable");
  const auto limit = memory_limit();
  if (!limit) return available;
  const double left = std::max(0.0, limit->first - limit->second);
  return left < static_cast<double>(available) ? static_cast<std::uint64_t>(left) : available;
}

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace atelier
