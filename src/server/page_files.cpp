#include "server/page_files.h"

#include <cstddef>
#include <map>
#include <span>

#include "core/sha256.h"

// All are written by cmake/AtelierEmbed.cmake; the assembler's symbols live outside any namespace.
#include "description_files.inc"
#include "page_files.inc"

namespace atelier::server {
namespace {

struct Row {
  std::string_view path;
  const std::byte* begin;
  const std::byte* end;
};

constexpr Row kRows[] = {
#include "description_rows.inc"
#include "page_rows.inc"
};

struct MediaType {
  std::string_view extension;
  const char* type;
};

constexpr MediaType kTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
};

const char* type_of(std::string_view path) {
  for (const auto& [extension, type] : kTypes)
    if (path.ends_with(extension)) return type;
  return "text/plain; charset=utf-8";
}

std::map<std::string_view, PageFile> all_files() {
  std::map<std::string_view, PageFile> files;
  for (const Row& row : kRows) {
    const std::span<const std::byte> bytes(row.begin, row.end);
    files[row.path] = {{reinterpret_cast<const char*>(row.begin), bytes.size()},
                       type_of(row.path),
                       '"' + sha256_hex(bytes).substr(0, 16) + '"'};
  }
  return files;
}

}  // namespace

const PageFile* find_page_file(std::string_view path) {
  static const auto files = all_files();
  const auto found = files.find(path);
  return found == files.end() ? nullptr : &found->second;
}

}  // namespace atelier::server
