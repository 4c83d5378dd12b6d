#include <fstream>
#include <vector>

#include "atelier/error.h"
#include "core/sha256.h"

namespace atelier {

std::string sha256_hex(std::span<const std::byte> bytes) { return Sha256().add(bytes).hex(); }

std::string sha256_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("cannot read \"" + path.string() + "\"; check the name and its permissions");
  Sha256 hash;
  std::vector<char> piece(1 << 20);
  while (file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    hash.add(std::string_view(piece.data(), static_cast<std::size_t>(file.gcount())));
  }
  if (file.bad()) throw Error("cannot read \"" + path.string() + "\" to its end; check the disk", ErrorKind::kFailure);
  return hash.hex();
}

}  // namespace atelier
