#include "core/machine.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

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

/// Where the kernel tells of a container's memory.
struct MemoryFiles {
  std::string limit, use, details, reclaimable;
};

/// The number after "KEY " in a file of such lines; 0 when there is none.
double number_after(const std::string& key, const std::string& path) {
  std::ifstream file(path);
  std::string name;
  for (double value = 0; file >> name >> value;)
    if (name == key) return value;
  return 0;
}

}  // namespace

std::optional<MemoryLimit> memory_limit(const std::string& root) {
  const MemoryFiles kVersions[] = {
      {"memory.max", "memory.current", "memory.stat", "inactive_file"},
      {"memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat", "total_inactive_file"}};
  for (const auto& files : kVersions) {
    const auto limit = number_in(root + files.limit), use = number_in(root + files.use);
    if (limit && use) return MemoryLimit{*limit, *use - number_after(files.reclaimable, root + files.details)};
  }
  return std::nullopt;
}

std::string cpu_name() {
  const auto name = field("/proc/cpuinfo", "model name");
  return name.empty() ? "unknown" : name;
}

std::string cpu_vendor() { return field("/proc/cpuinfo", "vendor_id"); }

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
  return limit && limit->limit < static_cast<double>(total) ? static_cast<std::uint64_t>(limit->limit) : total;
}

std::uint64_t available_memory() {
  auto available = static_cast<double>(meminfo_bytes("MemAvailable"));
  for (const auto& limit : {memory_limit(), address_space_limit()})
    if (limit) available = std::min(available, std::max(0.0, limit->limit - limit->used));
  return static_cast<std::uint64_t>(available);
}

std::optional<MemoryLimit> address_space_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  const auto pages = number_in("/proc/self/statm").value_or(0);
  return MemoryLimit{static_cast<double>(limit.rlim_cur), pages * static_cast<double>(sysconf(_SC_PAGESIZE))};
}

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace atelier
