#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "atelier/error.h"

namespace atelier {

/// Throws "FILE: FAULT; the file is damaged, get it again".
[[noreturn]] inline void damaged(const std::string& file, const std::string& fault) {
  throw Error(file + ": " + fault + "; the file is damaged or incomplete, get it again");
}

/// Reads little-endian numbers and runs of bytes one after the other and never past the end
/// (Error naming the file). The bytes must outlive whatever is read.
class ByteReader {
 public:
  ByteReader(std::span<const std::byte> bytes, std::string file) : bytes_(bytes), file_(std::move(file)) {}

  const std::string& file() const { return file_; }
  std::size_t position() const { return position_; }
  std::size_t left() const { return bytes_.size() - position_; }

  std::span<const std::byte> take(std::uint64_t count) {
    if (count > left()) damaged(file_, "it ends too early");
    const auto taken = bytes_.subspan(position_, static_cast<std::size_t>(count));
    position_ += taken.size();
    return taken;
  }
  std::string_view text(std::uint64_t count) {
    const auto taken = take(count);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }
  /// Text up to the next newline, which is passed over.
  std::string_view line() {
    const auto rest = bytes_.subspan(position_);
    const void* end = rest.empty() ? nullptr : std::memchr(rest.data(), '\n', rest.size());
    if (end == nullptr) damaged(file_, "it ends too early");
    const auto found = text(static_cast<std::uint64_t>(static_cast<const std::byte*>(end) - rest.data()));
    ++position_;
    return found;
  }
  /// Every platform that the project supports is little endian, as are the files.
  template <typename Number>
  Number number() {
    Number value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  std::string file_;
  std::size_t position_ = 0;
};

}  // namespace atelier
