#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atelier {

/// Names of the files that were compiled in from models/, manifest.json included.
std::vector<std::string> embedded_files();

/// Content of one of them, as long as the program runs; aligned to 64 bytes.
/// @throws Error (kFailure) when this build does not hold it.
std::span<const std::byte> embedded_file(std::string_view name);

}  // namespace atelier
