#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace atelier {

/// The processor's name as it gives it, for instance "Intel(R) Xeon(R) Processor"; "unknown" when it gives none.
std::string cpu_name();

/// Who made it, as it says itself: "GenuineIntel", "AuthenticAMD"; empty when it does not say.
std::string cpu_vendor();

/// The instruction sets that matter here and that processor and kernel both offer, narrowest first: any of
/// "AVX2", "AVX-512", "AVX-512 VNNI", "AVX-512 BF16", "AMX BF16", "AMX INT8". Read from /proc/cpuinfo.
std::vector<std::string> instruction_sets();
/// Whether `sets`, as instruction_sets() gives them, holds `name`.
bool has_instruction_set(const std::vector<std::string>& sets, const std::string& name);

/// Cores that this process may use, at least 1: its affinity mask, cut by a container's CPU quota (rounded up).
int usable_cores();

/// A limit on memory, in bytes.
struct MemoryLimit {
  double limit = 0;
  double used = 0;  ///< without the file system's cache, which the kernel takes back when it is needed
};

/// That of a container: what control groups (version 2, then 1) say below `root`; nothing without a limit.
std::optional<MemoryLimit> memory_limit(const std::string& root = "/sys/fs/cgroup/");

/// That of this process' address space (`ulimit -v`); nothing without one.
std::optional<MemoryLimit> address_space_limit();

/// Bytes of memory of the machine, or of the container where that allows less. 0 when the system does not say.
std::uint64_t total_memory();

/// Bytes that can still be used without swapping, within the limits above, caches of the file system counted as free. 0
/// when unknown.
std::uint64_t available_memory();

/// Bytes of memory that this process occupies now. 0 when unknown.
std::size_t resident_bytes();

}  // namespace atelier
