#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace atelier {

/// SHA-256 (FIPS 180-4) of bytes that arrive in pieces.
class Sha256 {
 public:
  Sha256();
  Sha256& add(std::span<const std::byte> bytes);
  Sha256& add(std::string_view text);
  /// 64 lower-case hexadecimal digits; call once, last.
  std::string hex();

 private:
  std::shared_ptr<void> context_;
};

std::string sha256_hex(std::span<const std::byte> bytes);

/// Hash of a file's content, read in pieces. @throws Error when it cannot be read.
std::string sha256_file(const std::filesystem::path& path);

}  // namespace atelier
