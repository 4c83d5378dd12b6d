#include "core/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <vector>

#include "atelier/error.h"

namespace atelier {
namespace {

EVP_MD_CTX* raw(const std::shared_ptr<void>& context) { return static_cast<EVP_MD_CTX*>(context.get()); }

void check(int result) {
  if (result != 1) throw Error("OpenSSL offers no SHA-256; repair the libssl package", ErrorKind::kFailure);
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new(), [](void* p) { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(p)); }) {
  check(EVP_DigestInit_ex(raw(context_), EVP_sha256(), nullptr));
}

Sha256& Sha256::add(std::span<const std::byte> bytes) {
  check(EVP_DigestUpdate(raw(context_), bytes.data(), bytes.size()));
  return *this;
}

Sha256& Sha256::add(std::string_view text) { return add(std::as_bytes(std::span(text.data(), text.size()))); }

std::string Sha256::hex() {
  std::array<unsigned char, 32> digest{};
  check(EVP_DigestFinal_ex(raw(context_), digest.data(), nullptr));
  std::string text;
  for (const unsigned char byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

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
