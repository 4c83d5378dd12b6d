#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>

namespace atelier {

/// A file that appears under its name complete or not at all: bytes go to a unique
/// temporary file in the same folder, commit() syncs and renames it, and destruction
/// without commit() removes it. Two processes writing one name do not disturb each other:
/// the last commit wins, and each result is whole.
class AtomicFile {
 public:
  /// @throws Error (kFailure) when the folder is missing or not writable.
  explicit AtomicFile(std::filesystem::path target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Where to write, for libraries that want a name; same extension as the target.
  const std::filesystem::path& temporary() const { return temporary_; }
  /// Appends bytes. @throws Error (kFailure), for instance when the disk is full.
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  /// Syncs, renames. @throws Error (kFailure).
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
};

/// Where AtomicFile writes what is written to `file`: the end of a chain of links, whether or not there is a file.
/// @param error  set where the links are too many, or cannot be read.
std::filesystem::path behind_links(std::filesystem::path file, std::error_code& error);

}  // namespace atelier
