#include "core/file_content.h"

#include <fstream>
#include <iterator>

namespace atelier {

std::optional<std::string> file_content(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

}  // namespace atelier
