#include "media/image_file.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "atelier/error.h"
#include "core/atomic_file.h"
#include "media/decode_image.h"
#include "media/encode_image.h"
#include "media/image_format.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& path, int code) {
  throw Error("cannot open picture \"" + path + "\": " + std::generic_category().message(code) + "; check the name");
}

constexpr std::size_t kHead = 12;

/// As many of the next `count` bytes as there are.
void append(std::istream& file, std::size_t count, std::string& bytes) {
  const auto before = bytes.size();
  bytes.resize(before + count);
  file.read(bytes.data() + before, static_cast<std::streamsize>(count));
  bytes.resize(before + static_cast<std::size_t>(file.gcount()));
}

std::string read_bytes(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (error) refuse(path, error.value());
  require(!fs::is_directory(status), "\"" + path + "\" is a folder; give a picture file");
  require(fs::is_regular_file(status), "\"" + path + "\" is not a regular file; give a picture file");
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse(path, errno);
  std::string bytes;
  append(file, kHead, bytes);
  // What is no picture is refused by its head: a film of gigabytes need not be read for that.
  const auto size = fs::file_size(path, error);
  if (!error && size > kHead && starts_like_a_picture(bytes)) append(file, size - kHead, bytes);
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
