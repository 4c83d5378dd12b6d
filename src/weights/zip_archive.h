#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace atelier {

/// A zip file in memory, with Zip64, stored and deflated members; no encryption, no several disks.
/// Format: PKWARE APPNOTE 6.3. Members are found by the central directory alone. Checksums are not compared, as
/// PyTorch can be told to write none.
class ZipArchive {
 public:
  /// @param bytes  outlive the archive.
  /// @param file   used in messages.
  /// @throws Error when there is no central directory, or it does not fit the file.
  ZipArchive(std::span<const std::byte> bytes, std::string file);

  bool contains(const std::string& member) const { return members_.contains(member); }
  /// Names of all members that end in `ending`.
  std::vector<std::string> names_ending(const std::string& ending) const;
  /// A member's content, valid as long as the archive: in place when stored, else inflated once.
  /// @throws Error when it is missing, damaged, encrypted or packed by another method.
  std::span<const std::byte> read(const std::string& member);

 private:
  struct Member {
    std::uint16_t flags = 0;
    std::uint16_t method = 0;
    std::uint64_t packed = 0;  ///< bytes in the file
    std::uint64_t size = 0;    ///< bytes of content
    std::uint64_t header = 0;  ///< where its local header starts
    std::span<const std::byte> inflated;
  };
  struct Directory {
    std::uint64_t entries, size, start;
  };

  Directory find_directory() const;
  Directory find_directory64(std::size_t end_record, Directory found) const;
  void read_directory(Directory directory);
  std::span<const std::byte> packed_bytes(const Member& member) const;
  std::span<const std::byte> inflate_member(Member& member);

  std::span<const std::byte> bytes_;
  std::string file_;
  std::map<std::string, Member> members_;
  std::deque<std::vector<std::byte>> inflated_;
  std::uint64_t inflated_bytes_ = 0;
};

}  // namespace atelier
