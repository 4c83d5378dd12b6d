#include "media/image_file.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "atelier/error.h"
#include "core/atomic_file.h"
#include "media/decode_image.h"
#include "media/encode_image.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& path, int code) {
  throw Error("cannot open picture \"" + path + "\": " + std::generic_category().message(code) + "; check the name");
}

std::string read_bytes(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (error) refuse(path, error.value());
  require(!fs::is_directory(status), "\"" + path + "\" is a folder; give a picture file");
  require(fs::is_regular_file(status), "\"" + path + "\" is not a regular file; give a picture file");
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse(path, errno);
  std::string bytes(fs::file_size(path, error), '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

}  // namespace

Image read_image(const std::string& path, const ReadOptions& options) {
  const std::string bytes = read_bytes(path);
  return decode_image(std::as_bytes(std::span(bytes)), path, options);
}

void write_image(const std::string& path, const Image& image, const WriteOptions& options) {
  check_output(path, options);
  AtomicFile file{fs::path(path)};
  file.write(encode_image(path, image, options));
  file.commit();
}

std::optional<std::string> read_recipe(const std::string& path) {
  const std::string bytes = read_bytes(path);
  return decode_recipe(std::as_bytes(std::span(bytes)), path);
}

}  // namespace atelier
