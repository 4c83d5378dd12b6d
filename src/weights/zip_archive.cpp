#include "weights/zip_archive.h"

#include <algorithm>

#include "core/printable.h"
#include "weights/byte_reader.h"
#include "weights/inflate.h"

namespace atelier {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kCentralHeader = 0x02014b50;
constexpr std::uint32_t kEndRecord = 0x06054b50;
constexpr std::uint32_t kEndRecord64 = 0x06064b50;
constexpr std::uint32_t kLocator64 = 0x07064b50;
constexpr std::size_t kEndRecordSize = 22;
constexpr std::size_t kLocator64Size = 20;
constexpr std::uint32_t kIn64 = 0xffffffff;     // the real value is in the Zip64 field
constexpr std::uint64_t kMostExpansion = 1032;  // of deflate, by its construction (zlib, "Technical Details")
constexpr std::uint64_t kMostInflated = 2ull << 30;

/// Replaces sizes that did not fit 32 bits by those of the Zip64 extra field (APPNOTE 4.5.3).
void apply_zip64(ByteReader extra, std::uint64_t& size, std::uint64_t& packed, std::uint64_t& header) {
  while (extra.left() >= 4) {
    const auto id = extra.number<std::uint16_t>();
    ByteReader field(extra.take(extra.number<std::uint16_t>()), extra.file());
    if (id != 1) continue;
    for (auto* value : {&size, &packed, &header})
      if (*value == kIn64) *value = field.number<std::uint64_t>();
  }
}

}  // namespace

ZipArchive::ZipArchive(std::span<const std::byte> bytes, std::string file) : bytes_(bytes), file_(std::move(file)) {
  read_directory(find_directory());
}

std::vector<std::string> ZipArchive::names_ending(const std::string& ending) const {
  std::vector<std::string> names;
  for (const auto& [name, member] : members_)
    if (name.ends_with(ending)) names.push_back(name);
  return names;
}

/// The end record is the last thing but for a comment of up to 65,535 bytes.
ZipArchive::Directory ZipArchive::find_directory() const {
  const std::size_t last = bytes_.size() < kEndRecordSize ? 0 : bytes_.size() - kEndRecordSize + 1;
  const std::size_t first = last > 65536 ? last - 65536 : 0;
  for (std::size_t at = last; at-- > first;) {
    ByteReader record(bytes_.subspan(at), file_);
    if (record.number<std::uint32_t>() != kEndRecord) continue;
    record.take(6);
    const std::uint64_t entries = record.number<std::uint16_t>();
    const std::uint64_t size = record.number<std::uint32_t>();
    const std::uint64_t start = record.number<std::uint32_t>();
    if (record.number<std::uint16_t>() == record.left()) return find_directory64(at, {entries, size, start});
  }
  damaged(file_, "its zip directory is missing");
}

ZipArchive::Directory ZipArchive::find_directory64(std::size_t end_record, Directory found) const {
  if (end_record < kLocator64Size) return found;
  ByteReader locator(bytes_.subspan(end_record - kLocator64Size), file_);
  if (locator.number<std::uint32_t>() != kLocator64) return found;
  locator.take(4);
  ByteReader record(bytes_, file_);
  record.take(locator.number<std::uint64_t>());
  if (record.number<std::uint32_t>() != kEndRecord64) damaged(file_, "its zip directory is missing");
  record.take(28);
  found.entries = record.number<std::uint64_t>();
  found.size = record.number<std::uint64_t>();
  found.start = record.number<std::uint64_t>();
  return found;
}

void ZipArchive::read_directory(Directory directory) {
  ByteReader reader(bytes_, file_);
  reader.take(directory.start);
  ByteReader entries(reader.take(directory.size), file_);
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    if (entries.number<std::uint32_t>() != kCentralHeader) damaged(file_, "its zip directory is damaged");
    Member member;
    entries.take(4);
    member.flags = entries.number<std::uint16_t>();
    member.method = entries.number<std::uint16_t>();
    entries.take(8);
    member.packed = entries.number<std::uint32_t>();
    member.size = entries.number<std::uint32_t>();
    const auto name_length = entries.number<std::uint16_t>();
    const auto extra_length = entries.number<std::uint16_t>();
    const auto comment_length = entries.number<std::uint16_t>();
    entries.take(8);
    member.header = entries.number<std::uint32_t>();
    const std::string name(entries.text(name_length));
    apply_zip64(ByteReader(entries.take(extra_length), file_), member.size, member.packed, member.header);
    entries.take(comment_length);
    if (!members_.emplace(name, member).second) damaged(file_, "its zip directory names " + printable(name) + " twice");
  }
}

std::span<const std::byte> ZipArchive::packed_bytes(const Member& member) const {
  ByteReader reader(bytes_, file_);
  reader.take(member.header);
  if (reader.number<std::uint32_t>() != kLocalHeader) damaged(file_, "its zip directory points to nothing");
  reader.take(22);
  const auto name_length = reader.number<std::uint16_t>();
  const auto extra_length = reader.number<std::uint16_t>();
  reader.take(std::uint64_t{name_length} + extra_length);
  return reader.take(member.packed);
}

std::span<const std::byte> ZipArchive::inflate_member(Member& member) {
  const auto packed = packed_bytes(member);
  if (member.size / kMostExpansion > packed.size()) damaged(file_, "a member claims to unpack to more than it can");
  inflated_bytes_ += member.size;
  if (inflated_bytes_ > std::min(kMostInflated, bytes_.size() * kMostExpansion))
    throw Error(file_ + " unpacks to more than 2 GiB; unpack it and save it again with torch.save");
  auto& buffer = inflated_.emplace_back(member.size);
  if (!inflate_into(packed, buffer)) damaged(file_, "a packed member does not unpack");
  return buffer;
}

std::span<const std::byte> ZipArchive::read(const std::string& name) {
  const auto found = members_.find(name);
  if (found == members_.end()) damaged(file_, "it lacks its member " + printable(name));
  Member& member = found->second;
  if ((member.flags & 1) != 0) throw Error(file_ + " is encrypted; unpack and save it without a password");
  if (member.method == 0 && member.packed == member.size) return packed_bytes(member);
  if (member.method != 8)
    throw Error(file_ + " is packed by zip method " + std::to_string(member.method) +
                "; save it again with torch.save");
  if (member.inflated.empty()) member.inflated = inflate_member(member);
  return member.inflated;
}

}  // namespace atelier
