#pragma once
#include <cstddef>
#include <filesystem>
#include <span>

namespace atelier {

/// A regular file as read-only memory, for as long as the object lives. Shortening the file meanwhile
/// makes the lost pages unreadable (SIGBUS), as with every memory map: files are replaced by renaming.
class MappedFile {
 public:
  /// @throws Error when the file is missing, unreadable, empty or not a regular file.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace atelier
