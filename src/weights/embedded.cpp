#include "weights/embedded.h"

#include "atelier/error.h"

// Both are written by cmake/AtelierEmbed.cmake; the assembler's symbols live outside any namespace.
#include "models_files.inc"

namespace atelier {
namespace {

struct Row {
  std::string_view name;
  const std::byte* begin;
  const std::byte* end;
};

constexpr Row kRows[] = {
#include "models_rows.inc"
};

}  // namespace

std::vector<std::string> embedded_files() {
  std::vector<std::string> names;
  for (const Row& row : kRows) names.emplace_back(row.name);
  return names;
}

std::span<const std::byte> embedded_file(std::string_view name) {
  for (const Row& row : kRows)
    if (row.name == name) return {row.begin, row.end};
  throw Error("this build holds no file \"" + std::string(name) + "\"; build it again with the folder models/ complete",
              ErrorKind::kFailure);
}

}  // namespace atelier
