#pragma once
#include <filesystem>
#include <optional>
#include <string>

namespace atelier {

/// All bytes of a file; nothing when it cannot be opened.
std::optional<std::string> file_content(const std::filesystem::path& file);

}  // namespace atelier
